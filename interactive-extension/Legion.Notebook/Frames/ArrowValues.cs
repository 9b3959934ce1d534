using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Legion.Notebook;

/// <summary>Values of Arrow arrays as .NET has them.</summary>
static class ArrowValues
{
    const long NsPerTick = 100;

    // Text of a table, not of a page: < and > stay what they are.
    static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What the array holds at the index, as text: lists and the like as JSON; null for null.</summary>
    public static string? Text(IArrowArray array, int index)
    {
        var value = Read(array, index);
        return value switch
        {
            null => null,
            string text => text,
            IReadOnlyList<object?> or IReadOnlyList<KeyValuePair<string, object?>> => Json(value),
            _ => Scalar(value),
        };
    }

    /// <summary>
    /// Null, bool, an integer, float, double, decimal or Int128, string, DateTime, TimeSpan, a list of these,
    /// or for structs and maps a list of names and values.
    /// </summary>
    public static object? Read(IArrowArray array, int index)
    {
        if (array.IsNull(index))
            return null;
        return array switch
        {
            BooleanArray flags => flags.GetValue(index),
            Int8Array numbers => numbers.GetValue(index),
            UInt8Array numbers => numbers.GetValue(index),
            Int16Array numbers => numbers.GetValue(index),
            UInt16Array numbers => numbers.GetValue(index),
            Int32Array numbers => numbers.GetValue(index),
            UInt32Array numbers => numbers.GetValue(index),
            Int64Array numbers => numbers.GetValue(index),
            UInt64Array numbers => numbers.GetValue(index),
            FloatArray numbers => numbers.GetValue(index),
            DoubleArray numbers => numbers.GetValue(index),
            Decimal128Array numbers => Wide(numbers, index),
            StringArray texts => texts.GetString(index),
            LargeStringArray texts => texts.GetString(index),
            StringViewArray texts => texts.GetString(index),
            TimestampArray times => Time(times.GetValue(index)!.Value, ((TimestampType)times.Data.DataType).Unit),
            Date32Array days => days.GetDateTime(index),
            Date64Array days => days.GetDateTime(index),
            Time64Array times => new TimeSpan(Ticks(times.GetValue(index)!.Value, ((Time64Type)times.Data.DataType).Unit)),
            Time32Array times => new TimeSpan(Ticks(times.GetValue(index)!.Value, ((Time32Type)times.Data.DataType).Unit)),
            MonthDayNanosecondIntervalArray intervals => Interval(intervals.GetValue(index)!.Value),
            DictionaryArray coded => Read(coded.Dictionary, Convert.ToInt32(Read(coded.Indices, index), CultureInfo.InvariantCulture)),
            MapArray map => Entries(map, index),
            ListArray list => Items(list.Values, list.ValueOffsets[index], list.ValueOffsets[index + 1]),
            LargeListArray list => Items(list.Values, checked((int)list.ValueOffsets[index]), checked((int)list.ValueOffsets[index + 1])),
            FixedSizeListArray list => list.GetSlicedValues(index) is var items ? Items(items, 0, items.Length) : null,
            StructArray fields => Fields(fields, index),
            // Behind their subtypes, which are texts and decimals.
            BinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(index)),
            LargeBinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(index)),
            BinaryViewArray bytes => Convert.ToHexStringLower(bytes.GetBytes(index)),
            Apache.Arrow.Arrays.FixedSizeBinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(index)),
            _ => throw new NotSupportedException($"cannot read a column of Arrow type {array.Data.DataType.Name}: cast it, as CAST(x AS VARCHAR)"),
        };
    }

    /// <summary>The digits of a decimal without its point; null for null.</summary>
    public static Int128? Unscaled(Decimal128Array numbers, int index) =>
        numbers.IsNull(index) ? null : BinaryPrimitives.ReadInt128LittleEndian(numbers.ValueBuffer.Span.Slice((numbers.Offset + index) * 16, 16));

    /// <param name="unscaled">At most 96 bits.</param>
    public static decimal Scaled(Int128 unscaled, int scale)
    {
        var digits = (UInt128)Int128.Abs(unscaled);
        return new((int)(uint)digits, (int)(uint)(digits >> 32), (int)(uint)(digits >> 64), Int128.IsNegative(unscaled), (byte)scale);
    }

    static object Wide(Decimal128Array numbers, int index)
    {
        var unscaled = Unscaled(numbers, index)!.Value;
        var scale = ((Decimal128Type)numbers.Data.DataType).Scale;
        return scale == 0 ? unscaled
            : Int128.Abs(unscaled) >> 96 == 0 && scale <= 28 ? Scaled(unscaled, scale)
            : (double)unscaled / Math.Pow(10, scale);
    }

    static DateTime Time(long value, TimeUnit unit) => DateTime.UnixEpoch.AddTicks(Ticks(value, unit));

    static long Ticks(long value, TimeUnit unit) => unit switch
    {
        TimeUnit.Second => value * TimeSpan.TicksPerSecond,
        TimeUnit.Millisecond => value * TimeSpan.TicksPerMillisecond,
        TimeUnit.Microsecond => value * TimeSpan.TicksPerMicrosecond,
        // Downwards, also before the epoch: the tick in which it lies.
        _ => (value - (value % NsPerTick + NsPerTick) % NsPerTick) / NsPerTick,
    };

    static string Interval(Apache.Arrow.Scalars.MonthDayNanosecondInterval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{interval.Months} months {interval.Days} days {new TimeSpan(interval.Nanoseconds / NsPerTick)}");

    static List<object?> Items(IArrowArray values, int begin, int end) => Enumerable.Range(begin, end - begin).Select(i => Read(values, i)).ToList();

    static List<KeyValuePair<string, object?>> Fields(StructArray fields, int index) =>
        ((StructType)fields.Data.DataType).Fields.Select((field, i) => KeyValuePair.Create(field.Name, Read(fields.Fields[i], index))).ToList();

    static List<KeyValuePair<string, object?>> Entries(MapArray map, int index) =>
        Enumerable.Range(map.ValueOffsets[index], map.ValueOffsets[index + 1] - map.ValueOffsets[index])
            .Select(i => KeyValuePair.Create(Text(map.Keys, i) ?? "", Read(map.Values, i))).ToList();

    static string Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    static string Json(object value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Written))
            Write(json, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case IReadOnlyList<KeyValuePair<string, object?>> fields:
                json.WriteStartObject();
                foreach (var (name, field) in fields)
                {
                    json.WritePropertyName(name);
                    Write(json, field);
                }
                json.WriteEndObject();
                break;
            case IReadOnlyList<object?> items:
                json.WriteStartArray();
                foreach (var item in items)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity or float.NaN or float.PositiveInfinity or float.NegativeInfinity:
                json.WriteStringValue(Scalar(value));
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or Int128 or float or double or decimal:
                json.WriteRawValue(Scalar(value));
                break;
            default:
                json.WriteStringValue(Scalar(value));
                break;
        }
    }
}
