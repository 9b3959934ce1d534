using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Graphs;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Legion.Tests.Support;
using Legion.Tests.Tiles;

namespace Legion.Tests.Lakehouse;

/// <summary>Who calls whom is what the spans say, in any time, and an answer says what it leaves out.</summary>
public sealed class CallGraphTests : IDisposable
{
    const long SecondNs = 1_000_000_000;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    sealed record Span(Guid Stream, long Id, long? Parent, long BeginNs, long EndNs, string Name);

    [Theory]
    [InlineData(21, 3, SecondNs, 600)]
    [InlineData(22, 4, 40_000 * SecondNs, 500)]
    public async Task CallsAreThoseOfTheSpans(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var spans = await SpansAsync(script.ProcessId);
        var byId = spans.ToDictionary(span => (span.Stream, span.Id));
        var tiles = new SpanTiles(lake.Lake);
        var paths = new CallPaths(lake.Lake, tiles);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var random = new Random(seed);
        for (var round = 0; round < 5; round++)
        {
            var from = round == 0 ? manifest.BeginNs : random.NextInt64(manifest.BeginNs, manifest.EndNs);
            var to = round == 0 ? manifest.EndNs + 1 : random.NextInt64(from + 1, manifest.EndNs + 2);
            var forest = await paths.ReadAsync(script.ProcessId, from, to, cancellation: Cancellation);
            var expected = spans.Where(span => span.EndNs >= from && span.BeginNs < to)
                .GroupBy(span => (Caller: span.Parent is { } parent ? byId[(span.Stream, parent)].Name : null, span.Name))
                .Select(group => new FunctionCall(group.Key.Caller, group.Key.Name, group.Count(), group.Where(span => !Above(span).Any(above => above.Name == span.Name)).Sum(span => Math.Min(span.EndNs, to) - Math.Max(span.BeginNs, from))))
                .ToList();
            Assert.NotEmpty(expected);
            Assert.Equal(Sorted(expected), Sorted(forest.Graph.Calls));
            Assert.Equal(forest.Graph.Calls.OrderByDescending(call => call.TotalNs).Select(call => call.TotalNs), forest.Graph.Calls.Select(call => call.TotalNs));
            foreach (var function in forest.Functions)
            {
                var around = forest.Graph.Around(function.Name);
                Assert.Equal(function, around.Middle);
                Assert.Equal((function.Count, function.TotalNs), (around.Callers.Calls.Sum(call => call.Count), around.Callers.Calls.Sum(call => call.TotalNs)));
                Assert.Equal(Sorted(expected.Where(call => call.Caller == function.Name)), Sorted(around.Callees.Calls));
            }
        }

        IEnumerable<Span> Above(Span span)
        {
            for (var at = span; at.Parent is { } parent;) yield return at = byId[(at.Stream, parent)];
        }
    }

    [Fact]
    public async Task CallsAreThoseOfTheView()
    {
        var script = EventScript.Parse("""
            main begin 0 a
            main begin 10 b
            main begin 20 a
            main end 50
            main end 60
            main end 100
            main begin 100 b
            main end 130
            worker begin 5 b
            worker begin 6 b
            worker end 8
            worker end 9
            """);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var graph = (await ForestAsync(script.ProcessId)).Graph;
        Assert.Equal([new(null, "a", 1, 100), new("a", "b", 1, 50), new(null, "b", 2, 34), new("b", "a", 1, 0), new FunctionCall("b", "b", 1, 0)], graph.Calls);
        using var result = await lake.Lake.QueryAsync("SELECT caller, callee, count, total_ns FROM call_graph WHERE process_id = $process",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var ofView = new List<FunctionCall>();
        while (rows.Read()) ofView.Add(new(rows.IsNull(0) ? null : rows.Text(0), rows.Text(1), rows.Int64(2), rows.Int64(3)));
        Assert.Equal(Sorted(ofView), Sorted(graph.Calls));
        Assert.Empty(graph.Around("c").Callers.Calls);
        Assert.Equal(new CallFunction("c", 0, 0, 0), graph.Around("c").Middle);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 2)]
    [InlineData(4, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public async Task WhatIsLeftOutIsCounted(int nodes, int edges)
    {
        var script = SpanScene.Random(23, 3, SecondNs, 900);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var forest = await ForestAsync(script.ProcessId);
        var drawn = forest.Graph.Drawn(nodes, edges);
        Assert.Equal(forest.Functions.Take(nodes), drawn.Functions);
        Assert.Equal(drawn.Functions.Count, drawn.Points.Count);
        Assert.Equal(forest.Functions.Count, drawn.Functions.Count + drawn.FunctionsLeftOut);
        var names = drawn.Functions.Select(function => function.Name).ToList();
        Assert.Equal(forest.Graph.Calls.Where(call => call.Caller is { } caller && names.Contains(caller) && names.Contains(call.Callee)).Take(edges),
            drawn.Calls.Select(call => new FunctionCall(names[call.Caller], names[call.Callee], call.Count, call.TotalNs)));
        Assert.Equal(forest.Graph.Calls.Count(call => call.Caller is not null), drawn.Calls.Count + drawn.CallsLeftOut);

        var name = forest.Functions[0].Name;
        var (all, some) = (forest.Graph.Around(name), forest.Graph.Around(name, Math.Min(nodes, 3)));
        Assert.Equal(all.Callees.Calls.Take(nodes).Take(3), some.Callees.Calls);
        Assert.Equal((all.Callees.Calls.Count, all.Callees.Calls.Sum(call => call.TotalNs)), (some.Callees.Calls.Count + some.Callees.LeftOut, some.Callees.Calls.Sum(call => call.TotalNs) + some.Callees.LeftOutNs));

        var list = FunctionList.Of(forest, Math.Min(nodes, 4));
        Assert.Equal(forest.Functions.Count, list.Functions.Count + list.LeftOut);
        Assert.Equal(forest.Graph.Calls.Sum(call => call.Count), list.Spans);
    }

    [Fact]
    public async Task NumbersOfAnswersNameTheirFunctions()
    {
        var script = EventScript.Parse("main begin 0 \"<b>outer\"\nmain begin 10 inner\nmain end 40\nmain end 100");
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var forest = await ForestAsync(script.ProcessId);
        Assert.Equal("""{"from_ns":"0","to_ns":"4611686018427387903","functions":[["\u003Cb\u003Eouter",1,100,70],["inner",1,30,30]],"points":[[0,0],[1,0]],"calls":[[0,1,1,30]],"functions_left_out":0,"calls_left_out":0}""", JsonOf(forest.Graph.Drawn().WriteTo));
        Assert.Equal("""{"from_ns":"0","to_ns":"4611686018427387903","middle":["inner",1,30,30],"callers":[["\u003Cb\u003Eouter",1,30]],"callers_left_out":0,"callers_left_out_ns":0,"callees":[],"callees_left_out":0,"callees_left_out_ns":0}""", JsonOf(forest.Graph.Around("inner").WriteTo));
        Assert.Equal("""{"from_ns":"0","to_ns":"4611686018427387903","spans":2,"total_ns":100,"functions":[["\u003Cb\u003Eouter",1,100,70],["inner",1,30,30]],"functions_left_out":0}""", JsonOf(FunctionList.Of(forest).WriteTo));
    }

    static IEnumerable<FunctionCall> Sorted(IEnumerable<FunctionCall> calls) => calls.OrderBy(call => call.Caller, StringComparer.Ordinal).ThenBy(call => call.Callee, StringComparer.Ordinal);

    static string JsonOf(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) write(json);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    Task<CallForest> ForestAsync(Guid processId) => new CallPaths(lake.Lake, new SpanTiles(lake.Lake)).ReadAsync(processId, 0, long.MaxValue / 2, cancellation: Cancellation);

    async Task<List<Span>> SpansAsync(Guid processId)
    {
        using var result = await lake.Lake.QueryAsync("SELECT stream_id, span_id, parent_id, begin_ns, end_ns, name FROM spans WHERE process_id = $process",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var newest = result.Receipt.NewestNs!.Value;
        var spans = new List<Span>();
        while (rows.Read()) spans.Add(new(Guid.Parse(rows.Text(0)), rows.Int64(1), rows.IsNull(2) ? null : rows.Int64(2), rows.Int64(3), rows.IsNull(4) ? newest : rows.Int64(4), rows.Text(5)));
        return spans;
    }
}
