using System.Buffers.Binary;
using Legion.Format;
using static Legion.Tests.Format.GoldenScene;

namespace Legion.Tests.Format;

/// <summary>An application's own type with a field of every type, and blocks of the stream that carries it.</summary>
static class GoldenUserType
{
    public const string Name = "Everything";

    public static EventType Type { get; } = new(Name, 2, 0,
    [
        Field("tick", FieldType.Tick, 0) with { Attributes = [new("role", FieldRole.Time)] },
        Field("u8", FieldType.U8, 8), Field("u16", FieldType.U16, 9), Field("u32", FieldType.U32, 11), Field("u64", FieldType.U64, 15),
        Field("i8", FieldType.I8, 23), Field("i16", FieldType.I16, 24), Field("i32", FieldType.I32, 26), Field("i64", FieldType.I64, 30),
        Field("f32", FieldType.F32, 38), Field("f64", FieldType.F64, 42), Field("bool", FieldType.Bool, 50),
        Field("delta", FieldType.TickDelta, 51) with { Attributes = [new("unit", "ticks")] },
        new("state", FieldType.Enum, 59, 2) { Attributes = [new("values", "idle=0,busy=1")] },
        Field("text", FieldType.String, 61), Field("raw", FieldType.Bytes, 69), new("digest", FieldType.FixedBytes, 77, 4),
        Field("samples", FieldType.Array, 81) with { Element = FieldType.I16 },
        Field("labels", FieldType.Array, 89) with { Element = FieldType.String },
        Field("values", FieldType.Values, 97), Field("more", FieldType.Properties, 105) with { Attributes = [new("role", FieldRole.Properties)] },
        Field("site", FieldType.SiteReference, 113), Field("template", FieldType.TemplateReference, 117),
        Field("thread", FieldType.StringReference, 121) with { Attributes = [new("role", FieldRole.Thread)] },
        Field("set", FieldType.PropertySetReference, 125),
        Field("low_half_of_u32", FieldType.U16, 11), // overlaps
    ])
    {
        Attributes = [new("source", "golden")],
    };

    public static Schema Schema { get; } = new([Type, GapEvent.Type]);

    public static byte[] Block(BlockEncoding encoding)
    {
        var block = new BlockWriter(Schema, encoding);
        GapEvent.Write(block, Schema.IndexOf(WellKnown.Gap), new Gap(4_000, 5_000, 2, 500, GapReason.Sampled));
        Write(block, 6_000, "ümlaut", -3, Value.Of("five"));
        Write(block, 5_500, "", short.MinValue, Value.Null);
        return block.Finish(Header(7, UserStream, StreamClass.Other, 0, (0, 4), 2, (4_000, 6_000)));
    }

    static void Write(BlockWriter block, ulong tick, string text, short small, Value value)
    {
        var (events, dependencies) = (block.Events, block.Dependencies);
        var type = Schema.IndexOf(Name);
        var position = block.Begin(type);
        var body = events.Reserve(Type.FixedBytes);
        body.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(body, tick);
        body[8] = 200;
        BinaryPrimitives.WriteUInt16LittleEndian(body[9..], 60_000);
        BinaryPrimitives.WriteUInt32LittleEndian(body[11..], 4_000_000_000);
        BinaryPrimitives.WriteUInt64LittleEndian(body[15..], ulong.MaxValue);
        body[23] = unchecked((byte)-2);
        BinaryPrimitives.WriteInt16LittleEndian(body[24..], small);
        BinaryPrimitives.WriteInt32LittleEndian(body[26..], int.MinValue);
        BinaryPrimitives.WriteInt64LittleEndian(body[30..], long.MinValue);
        BinaryPrimitives.WriteSingleLittleEndian(body[38..], 0.5f);
        BinaryPrimitives.WriteDoubleLittleEndian(body[42..], Math.PI);
        body[50] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(body[51..], -70);
        BinaryPrimitives.WriteUInt16LittleEndian(body[59..], 1);
        new byte[] { 0xde, 0xad, 0xbe, 0xef }.CopyTo(body[77..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[113..], dependencies.Site(Draw));
        BinaryPrimitives.WriteUInt32LittleEndian(body[117..], dependencies.Template(new Template("took {ms:F2}", Draw)));
        BinaryPrimitives.WriteUInt32LittleEndian(body[121..], dependencies.String("main"));
        BinaryPrimitives.WriteUInt32LittleEndian(body[125..], FormatLimits.NoReference);

        Variable("text", () => events.Utf8(text));
        Variable("raw", () => events.Bytes([0, 1, 254, 255]));
        Variable("samples", () => events.Bytes([1, 0, 255, 255]));
        Variable("labels", () => { events.String("one"); events.String("zwölf"); });
        Variable("values", () => { events.U32(2); value.Write(events); Value.Of(2.5).Write(events); });
        Variable("more", () => Property.WriteList(events, [new("key", value)]));
        block.End(type, position);

        void Variable(string field, Action write)
        {
            var start = events.Length;
            write();
            block.Point(position, Type.Find(field)!.Offset, start);
        }
    }

    static Field Field(string name, FieldType type, int offset) => new(name, type, offset, FieldTypes.FixedSize(type));
}
