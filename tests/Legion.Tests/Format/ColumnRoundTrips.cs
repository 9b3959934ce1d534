using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Events written as rows and as columns read alike, whatever their schema and their values.</summary>
public class ColumnRoundTrips
{
    const int Cases = 1_500;
    const int Seed = 20_261_123;

    static readonly FieldType[] FieldTypesOfAll = Enum.GetValues<FieldType>();

    [Fact]
    public void RowsAndColumnsReadAlike()
    {
        var inColumns = 0;
        for (var i = 0; i < Cases; i++)
        {
            var random = new Random(Seed + i);
            var schema = AnySchema(random);
            BlockWriter rows = new(schema), columns = new(schema, BlockEncoding.Columns);
            var (events, lost, count) = (0u, 0ul, random.Next(60));
            for (var number = 0; number < count; number++)
            {
                var type = (ushort)(schema.Types.Count - 1 - random.Next(Math.Min(5, schema.Types.Count)));
                Write(rows, type, new Random(Seed + i + number / 3));
                Write(columns, type, new Random(Seed + i + number / 3));
                if (schema.Types[type].IsGap) lost += 3;
                else events++;
            }
            var header = GoldenScene.Header(1, GoldenScene.UserStream, StreamClass.Other, 0, (7, 7 + events + lost), events, (1_000, 1_500));
            AssertAlike(schema, rows.Finish(header), columns.Finish(header));
            columns.Clear();
            var empty = Block.Read(columns.Finish(header with { NextOrdinal = 7, Events = 0 })).ReadEvents(schema);
            Assert.False(empty.Next());
            if (columns.Encoding == BlockEncoding.Columns) inColumns++;
        }
        Assert.InRange(inColumns, Cases / 2, Cases - 1);
    }

    /// <summary>Begins and ends go straight into columns, all others through rows.</summary>
    [Fact]
    public void SpansAmongOtherEventsKeepTheirOrder()
    {
        var random = new Random(Seed);
        BlockWriter rows = new(WellKnown.Schema), columns = new(WellKnown.Schema, BlockEncoding.Columns);
        var tick = 1ul << 40;
        const uint count = 20_000;
        for (var i = 0; i < count; i++)
        {
            // Ticks may stand still, leap and, in streams of many threads, go back.
            tick += random.Next(10) switch { 0 => 0, 1 => 1ul << random.Next(50), 2 => 0 - (ulong)random.Next(10_000), _ => (ulong)random.Next(3_000) };
            var (choice, site) = (random.Next(6), (uint)random.Next(300));
            foreach (var block in new[] { rows, columns })
            {
                switch (choice)
                {
                    case 0 or 1: SpanBeginEvent.Write(block, tick, site == 0 ? FormatLimits.NoReference : site); break;
                    case 2 or 3: SpanEndEvent.Write(block, tick); break;
                    case 4: SpanBeginDynamicEvent.Write(block, tick, site, "name " + site, [new("site", (int)site)]); break;
                    default: FlowEvent.Write(block, tick, site, site); break;
                }
            }
        }
        Assert.Equal(rows.RowBytes, columns.RowBytes);
        var header = GoldenScene.Header(1, GoldenScene.MainStream, StreamClass.Trace, 0, (0, count), count, (1_000, 1_500));
        AssertAlike(WellKnown.Schema, rows.Finish(header), columns.Finish(header));
    }

    static void AssertAlike(Schema schema, byte[] rows, byte[] columns)
    {
        var expected = Block.Read(rows).ReadEvents(schema);
        var block = Block.Read(columns);
        var seen = block.ReadEvents(schema);
        var occurs = new bool[schema.Types.Count];
        while (expected.Next())
        {
            Assert.True(seen.Next());
            occurs[expected.Current.TypeIndex] = true;
            Assert.Equal((expected.Current.TypeIndex, expected.Current.Ordinal), (seen.Current.TypeIndex, seen.Current.Ordinal));
            Assert.Equal(expected.Current.Body, seen.Current.Body);
        }
        Assert.False(seen.Next());
        var areColumns = block.Header.Encoding == (ushort)BlockEncoding.Columns;
        Assert.Equal(!areColumns || occurs.Contains(true), block.MayHold(schema, [.. occurs.Select(_ => true)]));
        Assert.Equal(!areColumns && occurs.Contains(false), block.MayHold(schema, [.. occurs.Select(does => !does)]));
        for (var type = 0; type < occurs.Length; type++) Assert.Equal(!areColumns || occurs[type], block.MayHold(schema, [.. occurs.Select((_, index) => index == type)]));
        Assert.True(block.MayHold(otherSchema, [true]));
    }

    static readonly Schema otherSchema = new([new EventType("other", 1, 4, [])]);

    /// <summary>Fields one behind the other with some holes, and in a few schemas anywhere, so that they overlap. Some schemas have too many types for one byte.</summary>
    static Schema AnySchema(Random random)
    {
        var others = random.Next(8) == 0 ? Enumerable.Range(0, random.Next(120, 200)).Select(i => new EventType($"t{i}", 1, 4, [])) : [];
        var overlaps = random.Next(6) == 0;
        return new Schema([.. others, .. Enumerable.Range(0, random.Next(1, 4)).Select(number => AnyType(random, number, overlaps)), GapEvent.Type]);
    }

    static EventType AnyType(Random random, int number, bool overlaps)
    {
        var fields = new List<Field>();
        var (end, isVariable) = (0, random.Next(2) == 0);
        if (random.Next(4) != 0)
        {
            fields.Add(new Field("tick", FieldType.Tick, end, 8) { Attributes = [new("role", FieldRole.Time)] });
            end = 8;
        }
        for (var i = random.Next(8); i > 0; i--)
        {
            var type = FieldTypesOfAll[random.Next(FieldTypesOfAll.Length)];
            if (FieldTypes.IsVariable(type) && !isVariable) continue;
            var size = FieldTypes.FixedSize(type) is > 0 and var known ? known : 1 << random.Next(4);
            var offset = overlaps ? random.Next(40) : end + random.Next(3);
            fields.Add(new Field($"f{i}", type, offset, size, type == FieldType.Array ? FieldType.U8 : 0));
            end = Math.Max(end, offset + size);
        }
        return new EventType($"T{number}", 1, isVariable ? 0 : Math.Max(1, end + random.Next(3)), [.. fields.OrderBy(_ => random.Next())]);
    }

    static void Write(BlockWriter block, ushort index, Random random)
    {
        var type = block.Schema.Types[index];
        if (type.IsGap)
        {
            GapEvent.Write(block, index, new Gap((ulong)random.Next(1000), 2_000, 3, 4, GapReason.Refused));
            return;
        }
        var row = new List<byte>(new byte[type.FixedBytes]);
        foreach (var field in type.Fields)
        {
            var value = AnyValue(field, random);
            if (FieldTypes.IsVariable(field.Type))
            {
                BinaryPrimitives.WriteInt32LittleEndian(value, row.Count);
                byte[] data = [.. Enumerable.Range(0, random.Next(3) * random.Next(100)).Select(_ => (byte)random.Next(256))];
                BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(4), data.Length);
                row.AddRange(data);
            }
            value.CopyTo(CollectionsMarshal.AsSpan(row)[field.Offset..]);
        }
        var position = block.Begin(index);
        block.Events.Bytes(CollectionsMarshal.AsSpan(row));
        block.End(index, position);
    }

    static byte[] AnyValue(Field field, Random random)
    {
        var value = new byte[field.Size];
        switch (random.Next(5))
        {
            case 0: random.NextBytes(value); break;
            case 1: value[0] = (byte)random.Next(256); break;
            case 2: value.AsSpan().Fill(0xff); break;
            case 3 when field.Type == FieldType.F64:
                double[] numbers = [0, -0.0, 1, -1, 1L << 53, (1L << 53) + 2, -1e300, double.NaN, double.NegativeInfinity, double.Epsilon, 0.1, 12_345];
                BinaryPrimitives.WriteDoubleLittleEndian(value, numbers[random.Next(numbers.Length)]);
                break;
        }
        return value;
    }
}
