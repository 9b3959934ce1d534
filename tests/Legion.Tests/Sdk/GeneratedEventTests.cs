using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Event types that the source generator describes are those that reflection describes, and their events too.</summary>
[Collection(SdkCollection.Name)]
public sealed class GeneratedEventTests
{
    const string Declarations = """
        using System;
        using Legion.Sdk;

        enum Plain { A, B, C = 7 }
        enum Signed : sbyte { Low = -3, None = 0, High = 4, AlsoHigh = 4, First = -128 }
        enum Large : ulong { Small = 1, Huge = ulong.MaxValue }
        enum Empty : short { }

        [LegionEvent(Name = "renamed", Version = 3)]
        record struct Recorded(int Number, string? Text)
        {
            public readonly double Half => Number / 2.0;
        }

        static class Outer
        {
            internal partial struct Nested
            {
                public string? First;
                [Unit("ms")] public float Single { get; set; }
                public bool Truth;
                private int hidden;
                public static int Shared;
                public const int Constant = 3;
                public decimal NotRecorded;
                public string Last { get; init; }
                public char @char;
                public readonly int this[int index] => index + hidden;
                public int WriteOnly { set => hidden = value; }
                public int PrivateGetter { private get; set; }
            }

            partial struct Nested
            {
                public byte U8; public ushort U16; public uint U32; public ulong U64; public sbyte I8; public short I16; public long I64;
                public Plain Plain; public Signed Signed; public Large Large; public Empty Empty; public DayOfWeek Day;
                public double tick;
                public int thread;
            }

            internal struct Box<T> { public T Value; [Unit("frames")] public int Count; }
            internal struct Nothing { public decimal NotRecorded; }
        }

        """;

    const string Nested = """
        new Outer.Nested
        {
            First = "first \u2192", Last = null!, Single = 1.25f, Truth = true, @char = 'x', U8 = 255, U16 = 65535, U32 = uint.MaxValue, U64 = ulong.MaxValue, I8 = -1, I16 = -2, I64 = long.MinValue,
            Plain = Plain.C, Signed = Signed.Low, Large = Large.Huge, Empty = (Empty)5, Day = DayOfWeek.Friday, tick = 0.5, thread = 9,
        }
        """;

    [Theory]
    [InlineData("new Recorded(3, \"three\")", "renamed")]
    [InlineData("default(Recorded)", "renamed")]
    [InlineData(Nested, "Nested")]
    [InlineData("new Outer.Box<int> { Value = -7, Count = 2 }", "Box`1")]
    [InlineData("new Outer.Box<Plain> { Value = Plain.B }", "Box`1")]
    [InlineData("new Outer.Nothing()", "Nothing")]
    public async Task Both_ways_give_the_same_schema_and_event(string value, string name)
    {
        var source = $"var value = {value}; Telemetry.Emit(value); Telemetry.Emit(in value); ";
        var generated = await CompiledProgram.Of(Program(source));
        Assert.Contains("IEventFields<", generated.Generated);
        var direct = Recorded(generated.Record());
        var reflected = Recorded((await CompiledProgram.Of(Program(source), interceptors: false)).Record());
        Assert.Equal(name, direct.Schema.Types[0].Name);
        Assert.Equal(reflected.Schema.Hash, direct.Schema.Hash);
        Assert.Equal(2, direct.Events.Count);
        Assert.Equal(reflected.Events, direct.Events);
    }

    [Fact]
    public async Task A_type_is_one_stream_whichever_way_it_is_emitted()
    {
        var program = await CompiledProgram.Of(Program("Telemetry.Emit(new Recorded(1, null)); Generic(new Recorded(2, null)); static void Generic<T>(T value) where T : struct => Telemetry.Emit(value);"));
        Assert.Single(DecodedStream.All(program.Record()));
    }

    [Fact]
    public async Task A_getter_may_record_itself()
    {
        var recorded = Recorded((await CompiledProgram.Of("""
            using Legion.Format;
            using Legion.Sdk;
            Telemetry.Emit(new Loud { Before = 1 });
            struct Loud
            {
                public int Before;
                public int During { get { Telemetry.Log(Level.Info, $"in the getter of {"Loud"}"); return 2; } }
                public string After => "three";
            }
            """)).Record());
        Assert.Contains("Before=1;During=2;After=three", Assert.Single(recorded.Events));
    }

    static string Program(string body) => Declarations.Replace("using Legion.Sdk;\n", "using Legion.Sdk;\n" + body + "\n");

    static (Schema Schema, List<string> Events) Recorded(MemorySink sink)
    {
        var stream = DecodedStream.All(sink).Single(stream => stream.Record.Class == StreamClass.Other);
        var schema = sink.Schemas[Assert.Single(stream.Headers.Select(header => header.Schema).Distinct())];
        // Of the four fields before the program's own, tick and thread differ from run to run.
        return (schema, [.. stream.Events.Select(recorded => string.Join(';', recorded.Fields.Skip(4).Select(field => $"{field.Key}={field.Value}")))]);
    }
}
