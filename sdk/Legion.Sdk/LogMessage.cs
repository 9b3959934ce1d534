using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Takes the arguments of a log's interpolated string as they are; the text is put together by whoever reads it.
/// Literals, names and formats are learnt when a call site is first reached.
/// </summary>
[InterpolatedStringHandler]
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct LogMessage
{
    readonly ThreadContext? context;
    readonly LogSite? expected;
    readonly string file;
    readonly int line;
    readonly int literalLength;
    readonly int holes;
    RecordWriter writer;
    List<LogPiece>? learnt;
    int piece;

    /// <param name="enabled">False when nothing is recorded at this level: the arguments are then not evaluated.</param>
    public LogMessage(int literalLength, int formattedCount, Level level, out bool enabled, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        context = ThreadContext.Current;
        enabled = context is not null && level >= context.Recording.MinimumLevel;
        this.file = file;
        this.line = line;
        this.literalLength = literalLength;
        holes = formattedCount;
        if (!enabled)
        {
            context = null;
            return;
        }
        expected = LogSite.Find(file, line, literalLength, formattedCount);
        writer = context!.BeginRecord();
        context.Hold(writer);
    }

    public void AppendLiteral(string value) => Match(new LogPiece(value, false, 0, null));

    public void AppendFormatted<T>(T value, int alignment = 0, string? format = null, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Match(new LogPiece(name, true, alignment, format));
        if (typeof(T) == typeof(int)) writer.Tagged(ValueTag.I64, (ulong)Unsafe.As<T, int>(ref value));
        else if (typeof(T) == typeof(long)) writer.Tagged(ValueTag.I64, (ulong)Unsafe.As<T, long>(ref value));
        else if (typeof(T) == typeof(double)) writer.Tagged(ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, double>(ref value)));
        else if (typeof(T) == typeof(float)) writer.Tagged(ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, float>(ref value)));
        else if (typeof(T) == typeof(uint)) writer.Tagged(ValueTag.U64, Unsafe.As<T, uint>(ref value));
        else if (typeof(T) == typeof(ulong)) writer.Tagged(ValueTag.U64, Unsafe.As<T, ulong>(ref value));
        else if (typeof(T) == typeof(short)) writer.Tagged(ValueTag.I64, (ulong)Unsafe.As<T, short>(ref value));
        else if (typeof(T) == typeof(ushort)) writer.Tagged(ValueTag.U64, Unsafe.As<T, ushort>(ref value));
        else if (typeof(T) == typeof(byte)) writer.Tagged(ValueTag.U64, Unsafe.As<T, byte>(ref value));
        else if (typeof(T) == typeof(sbyte)) writer.Tagged(ValueTag.I64, (ulong)Unsafe.As<T, sbyte>(ref value));
        else if (typeof(T) == typeof(bool)) writer.Tagged(ValueTag.Bool, Unsafe.As<T, bool>(ref value) ? 1u : 0u);
        else if (typeof(T).IsEnum) writer.TaggedText(EnumNames<T>.Of(value));
        else if (value is null) writer.Tagged(Value.Null);
        else if (value is string text) writer.TaggedText(text);
        else AppendOther(value, format);
        context!.Hold(writer);
    }

    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Match(new LogPiece(name, true, alignment, format));
        writer.TaggedText(value);
        context!.Hold(writer);
    }

    internal void Commit(Level level)
    {
        if (context is null) return;
        var site = learnt is null && expected is not null && piece == expected.Pieces.Length
            ? expected
            : LogSite.Learn(file, line, literalLength, holes, Learnt().ToArray());
        context.Log(level, site.Declaration.Id, writer);
        context.EndRecord(writer);
    }

    /// <summary>Nullable numbers are taken as numbers. Values that no tag stands for become text, most of them without an allocation.</summary>
    void AppendOther<T>(T value, string? format)
    {
        if (default(T) is null && typeof(T).IsValueType && NumberOf(value!) is { Tag: not ValueTag.Null } number)
        {
            writer.Tagged(number);
            return;
        }
        Span<char> text = stackalloc char[256];
        // The value's own code runs here. What it throws must not reach a program that only wanted to log it.
        try
        {
            if (value is ISpanFormattable && ((ISpanFormattable)value).TryFormat(text, out var length, format, CultureInfo.InvariantCulture))
                writer.TaggedText(text[..length]);
            else
                writer.TaggedText(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value!.ToString());
        }
        catch (Exception exception)
        {
            writer.TaggedText(exception.GetType().FullName);
        }
    }

    static Value NumberOf(object value) => value switch
    {
        sbyte or short or int or long => Value.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        byte or ushort or uint or ulong => Value.Of(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        float or double => Value.Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool truth => Value.Of(truth),
        _ => Value.Null,
    };

    void Match(in LogPiece seen)
    {
        if (learnt is null && expected is not null && piece < expected.Pieces.Length && expected.Pieces[piece].IsSame(seen)) piece++;
        else Learnt().Add(seen);
    }

    /// <summary>The pieces of this string; where it began like the expected one, those come first.</summary>
    List<LogPiece> Learnt() => learnt ??= expected is null ? [] : [.. expected.Pieces.AsSpan(0, piece)];
}

/// <summary>Names of an enumeration's values, so that a log of one allocates nothing.</summary>
static class EnumNames<T>
{
    static readonly Dictionary<Named, string> names = Make();

    public static string Of(T value) => names.TryGetValue(new Named(value), out var name) ? name : value!.ToString()!;

    static Dictionary<Named, string> Make()
    {
        var made = new Dictionary<Named, string>();
        foreach (var bits in Enum.GetValuesAsUnderlyingType(typeof(T)))
        {
            var value = Enum.ToObject(typeof(T), bits);
            made[new Named((T)value)] = value.ToString()!;
        }
        return made;
    }

    readonly record struct Named(T Value);
}
