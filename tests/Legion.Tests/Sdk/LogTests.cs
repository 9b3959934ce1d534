using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Logs of interpolated strings: the template that the source generator gives is the one that is learnt without it, and the arguments are the same.</summary>
[Collection(SdkCollection.Name)]
public sealed class LogTests
{
    const string Program = """
        using System;
        using System.Linq;
        using Legion.Format;
        using Legion.Sdk;
        using static Legion.Sdk.Telemetry;

        for (var pass = 0; pass < 3; pass++) Shop.Order<string>.Run(pass);

        namespace Shop
        {
            enum Kind { Small, Large }

            static class Order<T>
            {
                const string Unit = "kg";

                public static void Run(int number)
                {
                    var (x, name, none, much) = (number + 0.5, "ann" + number, (int?)null, 12.5m);
                    Telemetry.Log(Level.Info, $"call {number} at {1.5} in {"forest"}");
                    Log(Level.Warn, $"{number,4}|{x:F2}|{x,-8:F1}|{{braces}}|{name.Length + 1}|{(number)}|{number + 1}|{-1}|{none}|{Kind.Large}|{much}|{true}");
                    Log(Level.Info, $"\"quoted\" \\ \n \u2192 {name.Substring(startIndex: 1)} {name?.Length ?? 0} {new[] { 1, 2 }.Sum(each => each)} {Unit}");
                    Log(Level.Info, $"first {number} " + $"second {name}");
                    Log(Level.Info, $"{name.AsSpan(1)} of {typeof(T)} in {default(Guid)}"); Log(Level.Info, $"{name.AsSpan(2)} at {typeof(T)} by {default(Guid)}");
                    if (number == 1) { Log(Level.Info, $"{number} x"); } else { Log(Level.Info, $"{x} y"); }
                    Action lambda = () => Log(Level.Info, $"in a lambda {Nested(number)} {name}");
                    lambda();
                    for (var repeated = 0; repeated < 2; repeated++) { Log(Level.Info, $"generated {name}"); Wrapped(Level.Info, $"wrapped {name}"); Wrapped(Level.Info, $"aside {name}"); }
                    Log(Level.Trace, $"never {Throw()}");
                    Log(Level.Info, $"{(string?)null}{""}{'c'}{x:0.0}");
                }

                static int Nested(int number)
                {
                    Log(Level.Info, $"nested {number}");
                    return -number;
                }

                static int Throw() => throw new InvalidOperationException();

                static void Wrapped(Level level, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(level))] ref LogMessage message) => Log(level, ref message);
            }
        }
        """;

    [Fact]
    public async Task Generated_and_learnt_templates_agree()
    {
        var plain = Seen((await CompiledProgram.Of(Program, interceptors: false)).Record(Level.Info));
        var compiled = await CompiledProgram.Of(Program);
        var generated = Seen(compiled.Record(Level.Info));
        Assert.Equal(13, System.Text.RegularExpressions.Regex.Count(compiled.Generated, @"Telemetry\.Log\(@level, ref @message, Sites\d\.s\d+\)"));
        Assert.Equal(plain.Select(seen => (seen.Text, seen.Arguments)), generated.Select(seen => (seen.Text, seen.Arguments)));
        Assert.Contains(generated, seen => seen.Text == "call {number} at {1} in forest" || seen.Text == "call {number} at {1} in {forest}");
        Assert.Contains(generated, seen => seen.Text == "first {number} second {name}");
        Assert.All(generated.Where(seen => seen.Text is "in a lambda {Nested_number} {name}" or "nested {number}"), seen => Assert.Equal("Shop.Order", seen.Target));
    }

    [Fact]
    public async Task A_program_compiled_both_ways_keeps_its_templates_apart()
    {
        const string same = """
            using Legion.Format;
            using Legion.Sdk;
            for (var pass = 0; pass < 3; pass++) Telemetry.Log(Level.Info, $"SAME {pass}");
            """;
        var (generated, plain) = (await CompiledProgram.Of(same.Replace("SAME", "this")), await CompiledProgram.Of(same.Replace("SAME", "that"), interceptors: false));
        var seen = Seen(CompiledProgram.Record(Level.Info, generated, plain, generated, plain));
        Assert.Equal([.. Repeated("this {pass}", 3), "{0}", .. Repeated("that {pass}", 2), .. Repeated("this {pass}", 3), .. Repeated("that {pass}", 3)], seen.Select(one => one.Text));
        Assert.All(seen.Chunk(3), chunk => Assert.Equal(["0", "1", "2"], chunk.Select(one => one.Arguments)));

        static IEnumerable<string> Repeated(string text, int times) => Enumerable.Repeat(text, times);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(20_000)]
    public void Texts_of_any_length_arrive_whole_or_cut_off(int most)
    {
        var sink = new MemorySink();
        var texts = Enumerable.Range(Math.Max(0, most - 90), 91).Select(length => new string([.. Enumerable.Range(0, length).Select(at => (char)('a' + (at + length) % 26))])).ToArray();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            foreach (var text in texts) Telemetry.Log(Level.Info, $"{text}{text.Length}{text.AsSpan(text.Length / 2)}|{text.Length,3}");
        }
        var seen = Seen(sink);
        foreach (var (text, log) in texts.Zip(seen, (text, log) => (text, log.Values)))
        {
            var kept = Assert.IsType<string>(log[0]);
            Assert.StartsWith(kept, text);
            Assert.InRange(kept.Length, Math.Min(text.Length, 16_300), text.Length);
            if (most < 1000) Assert.Equal(new object?[] { text, (long)text.Length, text[(text.Length / 2)..], (long)text.Length }, log);
        }
        Assert.Equal(texts.Length, seen.Count);
    }

    [Fact]
    public void More_holes_than_are_reserved_for_all_arrive()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            for (var i = 0; i < 2000; i++)
            {
                Telemetry.Log(Level.Info, $"{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}");
                Telemetry.Log(Level.Info, $"{i}{"text"}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}");
            }
        }
        var seen = Seen(sink);
        Assert.Equal(4000, seen.Count);
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(Enumerable.Repeat((object)(long)i, 30), seen[2 * i].Values);
            Assert.Equal(Enumerable.Repeat((object)(long)i, seen[2 * i + 1].Values.Length), seen[2 * i + 1].Values.Select(value => value as string == "text" ? (long)i : value!));
        }
    }

    [Fact]
    public void A_log_goes_on_after_what_its_arguments_record_and_after_logs_that_were_left_unfinished()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            for (var i = 0; i < 1000; i++) Telemetry.Log(Level.Info, $"outer {i} {Recorded(i)} {i + 1} {Abandoned(i)} {i + 2} {new string('z', i)} {Recorded(i)} {1.5}");
        }
        var outer = Seen(sink).Where(log => log.Text.StartsWith("outer", StringComparison.Ordinal)).ToArray();
        Assert.Equal(1000, outer.Length);
        for (var i = 0; i < 1000; i++) Assert.Equal([(long)i, "recorded", i + 1L, "abandoned", i + 2L, new string('z', i), "recorded", 1.5], outer[i].Values);

        static string Recorded(int i)
        {
            using var span = Telemetry.Span("span");
            Telemetry.Log(Level.Info, $"inner {i} {Telemetry.Statistics is null}");
            return "recorded";
        }

        static string Abandoned(int i)
        {
            try
            {
                Telemetry.Log(Level.Info, $"unfinished {i} {(i < 0 ? i : throw new InvalidOperationException())}");
            }
            catch (InvalidOperationException)
            {
                // What the program throws passes through the log.
            }
            return "abandoned";
        }
    }

    [Fact]
    public async Task A_generated_log_that_others_interrupt_keeps_all_that_it_had()
    {
        const string program = """
            using System;
            using System.Runtime.CompilerServices;
            using Legion.Format;
            using Legion.Sdk;
            for (var i = 0; i < 300; i++)
            {
                string? none = null;
                int? some = i, no = null;
                Telemetry.Log(Level.Info, $"outer {i} {Recorded(i)} {none} {some} {Abandoned(i)} {no} {new string('z', 5 * i)} {Recorded(i)} {'c'} {none}");
                Wrapped(Level.Info, $"wrapped {i} {none} {"text"} {no}");
                Telemetry.Log(Level.Info, $"{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{Recorded(i)}{i}{i}");
                Telemetry.Log(Level.Info, $"{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{i}{Recorded(i)}{i}{i}{i}");
                Telemetry.Log(Level.Info, $"{Recorded(i).AsSpan(3)}{new string('y', 12_000).AsSpan()}{none}{new string('x', 12_000)}{i}");
            }

            static void Wrapped(Level level, [InterpolatedStringHandlerArgument(nameof(level))] ref LogMessage message)
            {
                Telemetry.Log(Level.Info, "before");
                Telemetry.Log(level, ref message);
            }

            static string Recorded(int i)
            {
                using var span = Telemetry.Span("span");
                Telemetry.Log(Level.Info, $"inner {i} {1.5}");
                return "recorded";
            }

            static string Abandoned(int i)
            {
                try
                {
                    Telemetry.Log(Level.Info, $"unfinished {i} {(i < 0 ? i : throw new InvalidOperationException())}");
                }
                catch (InvalidOperationException)
                {
                }
                return "abandoned";
            }
            """;
        // What the generator has brought once is not learnt: so that comes second.
        foreach (var interceptors in new[] { false, true })
        {
            var seen = Seen((await CompiledProgram.Of(program, interceptors)).Record(Level.Info)).Where(log => !log.Text.StartsWith("inner", StringComparison.Ordinal)).ToArray();
            Assert.Equal(6 * 300, seen.Length);
            for (var i = 0; i < 300; i++)
            {
                var (number, many) = ((object?)(long)i, Enumerable.Repeat((object?)(long)i, 13).Append("recorded"));
                Assert.Equal([number, "recorded", null, number, "abandoned", null, new string('z', 5 * i), "recorded", "c", null], seen[6 * i].Values);
                Assert.Equal([], seen[6 * i + 1].Values);
                Assert.Equal([number, null, "text", null], seen[6 * i + 2].Values);
                Assert.Equal([.. many, number, number], seen[6 * i + 3].Values);
                Assert.Equal([.. many, number, number, number], seen[6 * i + 4].Values);
                // Two long texts may be more than a record takes: the second is cut off, and nothing comes behind it.
                Assert.Equal(["orded", new string('y', 12_000), null], seen[6 * i + 5].Values[..3]);
                Assert.StartsWith((string)seen[6 * i + 5].Values[3]!, new string('x', 12_000));
                if (((string)seen[6 * i + 5].Values[3]!).Length == 12_000) Assert.Equal(number, seen[6 * i + 5].Values[4]);
            }
        }
    }

    [Fact]
    public void Levels_are_raised_and_lowered_while_the_program_logs()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MinimumLevel = Level.Warn }))
        {
            for (var pass = 0; pass < 4; pass++)
            {
                Telemetry.Log(Level.Info, $"info {pass}");
                Telemetry.Log(Level.Warn, $"warn {pass}");
                if (pass == 1) Verbosity.Set(Level.Warn, new Dictionary<string, Level> { [nameof(LogTests)] = Level.Info });
                if (pass == 2) Verbosity.Set(Level.Fatal, new Dictionary<string, Level>());
            }
        }
        Assert.Equal([("warn {pass}", "0"), ("warn {pass}", "1"), ("info {pass}", "2"), ("warn {pass}", "2")], Seen(sink).Select(seen => (seen.Text, seen.Arguments)));
    }

    [Fact]
    public void Strings_that_share_a_line_and_their_lengths_allocate_nothing_once_learnt()
    {
        using (Telemetry.Start(new TelemetryOptions { Sink = new MemorySink() }))
        {
            Record(100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Record(100);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
        }

        static void Record(int rounds)
        {
            for (var (i, a, b) = (0, 1, "text"); i < rounds; i++)
            {
                if (i % 2 == 0) Telemetry.Log(Level.Info, $"{a} x"); else Telemetry.Log(Level.Info, $"{b.AsSpan(1)} y");
            }
        }
    }

    sealed record Logged(string Text, string Target, object?[] Values)
    {
        public string Arguments => string.Join(',', Values);
    }

    static List<Logged> Seen(MemorySink sink) =>
    [
        .. from recorded in Assert.Single(DecodedStream.All(sink), stream => stream.Record.Class == StreamClass.Log).Events
           let template = (Template)recorded["template"]!
           select new Logged(template.Text, template.Site.Target, (object?[]?)recorded["arguments"] ?? []),
    ];
}
