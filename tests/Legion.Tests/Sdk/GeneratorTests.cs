using Legion.Format;
using Legion.Sdk;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Programs that the source generator has changed record the same as without it, and know the types that they record from.</summary>
[Collection(SdkCollection.Name)]
public sealed class GeneratorTests
{
    const string Shop = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using Legion.Format;
        using Legion.Sdk;
        using static Legion.Sdk.Telemetry;

        using (Telemetry.Span("top")) { }
        Shop.Order<int>.Run();
        Shop.Order<string>.Run();

        namespace Shop
        {
            static class Units { public static readonly Unit Crates = new("crates"); static readonly Unit hidden = new("hidden"); public static void Run() => Metric("hidden unit", 1.5, hidden); }

            partial class Order<T>
            {
                const string Prefix = "con";
                static readonly int fromInitializer = Initialize();

                static int Initialize() { using var span = Telemetry.Span("initialize"); return 1; }

                public static void Run()
                {
                    if (fromInitializer != 1) return;
                    using (Telemetry.Span(Prefix + "stant")) { } using (Span("using static")) { }
                    using (Telemetry.Span(name: "named", arguments: [new("number", 7), new("type", typeof(T).Name)])) { }
                    Action lambda = () => { using var phase = Telemetry.Span("lambda"); phase.Next("next"); phase.Next($"{Prefix}stant next"); };
                    lambda();
                    foreach (var number in Numbers()) Metric("number", number, Unit.Bytes);
                    Metric("defined unit", 2.5, Units.Crates); Metric("made unit", 3L, new Unit("boxes")); Metric("no unit", 4); Metric("default unit", 5.5, default);
                    Units.Run();
                    new Nested().Work();
                    Log(Level.Warn, "text with {braces}");
                    Log(Level.Trace, "below the level");
                    using (Telemetry.Span("own place", "other.cs", 12)) { }
                    using (DynamicSpan("dynamic")) { }
                    Expression(() => Metric("in a tree", 1.5, Unit.Count, "tree.cs", 3));
                }

                static IEnumerable<long> Numbers() { using (Telemetry.Span("iterator")) { } yield return 1; }

                static void Expression(System.Linq.Expressions.Expression<Action> call) => call.Compile()();
            }

            partial class Order<T>
            {
                readonly struct Nested
                {
                    public void Work()
                    {
                        void Local() { using var span = Telemetry.Span("local \"quoted\" \\ \u2192"); }
                        Local();
                    }
                }
            }
        }
        """;

    [Fact]
    public async Task A_generated_program_records_what_it_does_without()
    {
        var generated = Seen((await CompiledProgram.Of(Shop)).Record());
        var plain = Seen((await CompiledProgram.Of(Shop, interceptors: false)).Record());
        Assert.Equal(plain.Select(seen => seen with { Target = "" }), generated.Select(seen => seen with { Target = "" }));
        Assert.All(plain, seen => Assert.True(seen.Target is "Program" or "tree" or "other", seen.ToString()));
        Assert.Equal(39, generated.Count);
    }

    [Theory]
    [InlineData("top", "Program")]
    [InlineData("constant", "Shop.Order")]
    [InlineData("using static", "Shop.Order")]
    [InlineData("named", "Shop.Order")]
    [InlineData("lambda", "Shop.Order")]
    [InlineData("constant next", "Shop.Order")]
    [InlineData("initialize", "Shop.Order")]
    [InlineData("iterator", "Shop.Order")]
    [InlineData("local \"quoted\" \\ \u2192", "Shop.Order.Nested")]
    [InlineData("number", "Shop.Order")]
    [InlineData("defined unit", "Shop.Order")]
    [InlineData("default unit", "Shop.Order")]
    [InlineData("text with {{braces}}", "Shop.Order")]
    [InlineData("hidden unit", "Program")]
    [InlineData("own place", "other")]
    [InlineData("in a tree", "tree")]
    public async Task A_call_knows_its_type(string name, string target)
    {
        var seen = Seen((await CompiledProgram.Of(Shop)).Record()).First(seen => seen.Name == name);
        Assert.Equal(target, seen.Target);
    }

    [Fact]
    public async Task Generated_code_is_small()
    {
        var generated = (await CompiledProgram.Of("using var span = Legion.Sdk.Telemetry.Span(\"tick\"); span.Next(\"tock\");")).Generated;
        var code = generated[generated.IndexOf("namespace Legion.Sdk.Generated", StringComparison.Ordinal)..].Replace("global::", "");
        Assert.Equal("""
            namespace Legion.Sdk.Generated
            {
                // Program
                file static class Sites0
                {
                    public static readonly Legion.Sdk.SpanSite s0 = new("tick", "Program", "/src/Program.cs", 1);
                    public static readonly Legion.Sdk.SpanSite s1 = new("tock", "Program", "/src/Program.cs", 1);
                }
                file static class Calls
                {
                    [InterceptsLocation]
                    [Inlined]
                    public static Legion.Sdk.SpanScope Span0(string @name, string @file, int @line) => Legion.Sdk.Telemetry.Span(Sites0.s0);
                    [InterceptsLocation]
                    [Inlined]
                    public static void Next1(this in Legion.Sdk.SpanScope receiver, string @name, string @file, int @line) => receiver.Next(Sites0.s1);
                }
            }

            """, System.Text.RegularExpressions.Regex.Replace(code, @"\[System\.Runtime\.CompilerServices\.(InterceptsLocation|MethodImpl)[^\n]*\]\n",
                match => match.Groups[1].Value == "MethodImpl" ? "[Inlined]\n" : "[InterceptsLocation]\n"));
    }

    [Fact]
    public async Task Whatever_takes_a_site_is_generated()
    {
        var generated = (await CompiledProgram.Of("""
            using Legion.Format;
            using Legion.Sdk;
            using (var span = Telemetry.Span("a")) span.Next("b");
            using (Telemetry.Span("c", [new("number", 1)])) { }
            using (var span = Telemetry.AsyncSpan("d"))
            using (Telemetry.AsyncSpan("e", span.Id))
            await using (Telemetry.AsyncSpan("f", span.Id, [new("number", 1)])) { }
            Telemetry.Metric("g", 1.5, Unit.Count);
            Telemetry.Metric("h", 2);
            Telemetry.Metric("i", 1.5, Unit.Bytes, [new("number", 1)]);
            Telemetry.MetricAtLast("j", 1.5);
            Telemetry.Count("k");
            Telemetry.Count("l", 2, Unit.Bytes, [new("number", 1)]);
            Telemetry.Marker("m");
            Telemetry.Marker("n", [new("number", 1)]);
            Telemetry.Flow("o", 7);
            Telemetry.Frame("p");
            Telemetry.Log(Level.Info, "q");
            Telemetry.Log(Level.Info, $"r {args.Length}");
            """)).Generated;
        Assert.Equal(18, System.Text.RegularExpressions.Regex.Count(generated, " => .*Sites0\\.s"));
        var takeSites = new[] { typeof(Telemetry), typeof(SpanScope) }.SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType.Name.EndsWith("Site", StringComparison.Ordinal))).ToArray();
        Assert.Equal(17, takeSites.Length);
        Assert.All(takeSites, method => Assert.Contains($".{method.Name}(", generated));
    }

    [Fact]
    public async Task Without_interceptors_nothing_is_generated() =>
        Assert.Empty((await CompiledProgram.Of("using var span = Legion.Sdk.Telemetry.Span(\"tick\");", interceptors: false)).Generated);

    [Fact]
    public async Task Other_methods_of_these_names_are_left_alone() =>
        Assert.Empty((await CompiledProgram.Of("Other.Span(\"a\"); Other.Log(1, \"b\"); static class Other { public static void Span(string name) { } public static void Log(int level, string text) { } }")).Generated);

    [Theory]
    [InlineData("""Telemetry.Span("a" + args.Length).Dispose();""", "LEGION001")]
    [InlineData("""using var span = Telemetry.Span("a"); span.Next(args[0]);""", "LEGION001")]
    [InlineData("""Telemetry.Emit(new Outer.Hidden());""", "LEGION003")]
    [InlineData("""Outer.Run();""", "LEGION002")]
    public async Task What_its_author_may_not_expect_is_said(string call, string id)
    {
        var types = id switch
        {
            "LEGION002" => "static class Outer { struct Hidden { public int Number; } public static void Run() => Telemetry.Emit(new Hidden()); }",
            "LEGION003" => "static class Outer { [LegionEvent] public struct Hidden { public int Number; public decimal Price; } }",
            _ => "",
        };
        var program = await CompiledProgram.Of($"using Legion.Sdk; {call} {types}");
        Assert.Equal(id, Assert.Single(program.Diagnostics, diagnostic => diagnostic.Id.StartsWith("LEGION", StringComparison.Ordinal)).Id);
    }

    [Fact]
    public async Task An_ordinary_program_gives_nothing_to_say() => Assert.Empty((await CompiledProgram.Of(Shop)).Diagnostics);

    [Fact]
    public void Sites_made_by_hand_work_like_literals()
    {
        var sink = new MemorySink();
        SpanSite tick = new("tick"), tock = new("tock");
        var meter = new MetricSite("meter", Unit.Seconds);
        var text = new LogTextSite("{text}");
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            using (var span = Telemetry.Span(tick)) span.Next(tock);
            using (Telemetry.Span(tick, [new("number", 1)])) { }
            Telemetry.Metric(meter, 1.5);
            Telemetry.Log(Level.Info, text);
            using (Telemetry.Span(default(SpanSite))) { }
            Telemetry.Log(Level.Info, default(LogTextSite));
        }
        var seen = Seen(sink);
        Assert.Equal(["", "", "meter", "tick", "tick", "tock", "{{text}}"], seen.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(seen.Where(one => one.Name.Length > 0), one => Assert.Equal("GeneratorTests", one.Target));
        Assert.Equal("s", seen.Single(one => one.Name == "meter").Unit);
    }

    sealed record Call(string Stream, string Type, string Name, string Target, string File, int Line, string Unit, string Values);

    /// <summary>What calls recorded, in order, stream after stream.</summary>
    static List<Call> Seen(MemorySink sink)
    {
        var seen = new List<Call>();
        foreach (var stream in DecodedStream.All(sink).OrderBy(stream => stream.Record.Class))
        {
            foreach (var recorded in stream.Events)
            {
                var template = recorded.Fields.GetValueOrDefault("template") as Template;
                if ((recorded.Fields.GetValueOrDefault("site") as Site ?? template?.Site) is not { } site) continue;
                var name = recorded.Fields.GetValueOrDefault("name") is string { Length: > 0 } own ? own : template?.Text ?? site.Name;
                var values = recorded.Fields.GetValueOrDefault("value") ?? string.Join(",", recorded.Fields.GetValueOrDefault("arguments") as IEnumerable<Property> ?? []);
                seen.Add(new Call(stream.Record.Class.ToString(), recorded.Type, name, site.Target, site.File, site.Line, recorded.Fields.GetValueOrDefault("unit") as string ?? "", $"{values}"));
            }
        }
        return seen;
    }
}
