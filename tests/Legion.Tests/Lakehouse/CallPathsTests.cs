using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Legion.Tests.Support;
using Legion.Tests.Tiles;

namespace Legion.Tests.Lakehouse;

/// <summary>Spans merged by call path are those of the timeline, whatever the time, and an answer says what it leaves out.</summary>
public sealed class CallPathsTests : IDisposable
{
    const long SecondNs = 1_000_000_000;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    sealed record Span(Guid Stream, long Id, long? Parent, long BeginNs, long EndNs, string Name);

    /// <summary>Of a call path: spans, their time, and of it what their children did not take.</summary>
    sealed record Sum(long Count, long TotalNs, long SelfNs);

    [Theory]
    [InlineData(1, 3, SecondNs, 900)]
    [InlineData(2, 4, 40_000 * SecondNs, 700)]
    public async Task EachPathHasTheTimeOfItsSpans(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var (spans, newestNs) = await ReadAsync(script.ProcessId);
        var tiles = new SpanTiles(lake.Lake);
        var paths = new CallPaths(lake.Lake, tiles);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var random = new Random(seed);
        for (var round = 0; round < 8; round++)
        {
            // The first is the whole process, of which sums are there; the last two are moments.
            var from = round == 0 ? manifest.BeginNs : random.NextInt64(manifest.BeginNs, manifest.EndNs);
            var to = round == 0 ? manifest.EndNs + 1 : round > 5 ? from + 1 : random.NextInt64(from + 1, manifest.EndNs + 2);
            var forest = await paths.ReadAsync(script.ProcessId, from, to, cancellation: Cancellation);
            var expected = BruteForce(spans, from, to);
            Assert.Equal(expected.OrderBy(path => path.Key, StringComparer.Ordinal), Flat(forest).OrderBy(path => path.Key, StringComparer.Ordinal));
            Assert.Equal(expected.Values.Sum(sum => sum.Count), forest.Spans);
            Assert.All(forest.Lanes, lane => Assert.InRange(lane.Root.TotalNs, 0, Math.Max(newestNs, to) - from));

            foreach (var function in forest.Functions)
            {
                var sandwich = forest.Sandwich(function.Name, int.MaxValue);
                var own = spans.Where(span => span.Name == function.Name && Clipped(span, from, to) is not null).ToList();
                var outermost = own.Where(span => !Ancestors(spans, span).Any(above => above.Name == function.Name)).ToList();
                Assert.Equal((own.Count, outermost.Sum(span => Clipped(span, from, to)!.Value)), (function.Count, function.TotalNs));
                Assert.Equal(function, sandwich.Middle);
                var called = outermost.Where(span => span.Parent is not null).GroupBy(span => spans.ById[(span.Stream, span.Parent!.Value)].Name);
                Assert.Equal(
                    called.Select(group => (group.Key, (long)group.Count(), group.Sum(span => Clipped(span, from, to)!.Value))).OrderBy(row => row.Key, StringComparer.Ordinal),
                    Roots(sandwich.Trees[0]).Select(frame => (frame.Name, frame.Count, frame.TotalNs)).OrderBy(row => row.Name, StringComparer.Ordinal));
                Assert.Equal(function.TotalNs - outermost.Sum(span => Self(spans, span, from, to)), sandwich.Trees[1].TotalNs);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(int.MaxValue)]
    public async Task WhatIsLeftOutIsCounted(int most)
    {
        var script = SpanScene.Random(5, 3, SecondNs, 900);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var forest = await new CallPaths(lake.Lake, new SpanTiles(lake.Lake)).ReadAsync(script.ProcessId, 0, long.MaxValue / 2, cancellation: Cancellation);
        var answer = forest.LeftHeavy(most);
        var shown = answer.Trees.SelectMany(tree => tree.Frames).ToList();
        Assert.Equal(Math.Min(most, forest.Paths), shown.Count);
        Assert.Equal(forest.Paths - shown.Count, answer.LeftOut);
        foreach (var tree in answer.Trees)
        {
            Assert.Equal(tree.TotalNs, Roots(tree).Sum(frame => frame.TotalNs) + tree.LeftOutNs);
            for (var i = 0; i < tree.Frames.Count; i++)
            {
                var (parent, frame, leftOut, leftOutNs) = tree.Frames[i];
                var children = tree.Frames.Where(child => child.Parent == i).Select(child => child.Frame).ToList();
                Assert.InRange(parent, -1, i - 1);
                Assert.Equal(frame.TotalNs, frame.SelfNs + children.Sum(child => child.TotalNs) + leftOutNs);
                Assert.Equal(leftOut > 0, children.Count < frame.Children.Count);
                Assert.Equal(children.OrderByDescending(child => child.TotalNs).Select(child => child.TotalNs), children.Select(child => child.TotalNs));
            }
        }
        if (shown.Count > 0 && answer.LeftOut > 0)
            Assert.True(shown.Min(frame => frame.Frame.TotalNs) >= forest.Lanes.SelectMany(lane => All(lane.Root)).Except(shown.Select(frame => frame.Frame)).Max(frame => frame.TotalNs));
    }

    [Fact]
    public async Task RecursionCountsOnce()
    {
        var script = EventScript.Parse("main begin 0 a\nmain begin 10 b\nmain begin 20 a\nmain end 50\nmain end 60\nmain end 100\nmain begin 100 b\nmain end 130");
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var forest = await new CallPaths(lake.Lake, new SpanTiles(lake.Lake)).ReadAsync(script.ProcessId, 0, long.MaxValue / 2, cancellation: Cancellation);
        Assert.Equal([new("a", 2, 100, 80), new CallFunction("b", 2, 80, 50)], forest.Functions);
        var sandwich = forest.Sandwich("b");
        Assert.Equal(("a", 1L, 50L), Assert.Single(Roots(sandwich.Trees[0]).Select(frame => (frame.Name, frame.Count, frame.TotalNs))));
        Assert.Equal(("a", 1L, 30L), Assert.Single(Roots(sandwich.Trees[1]).Select(frame => (frame.Name, frame.Count, frame.TotalNs))));
        Assert.Empty(forest.Sandwich("c").Trees.SelectMany(tree => tree.Frames));
    }

    static IEnumerable<CallFrame> Roots(MergedTree tree) => tree.Frames.Where(frame => frame.Parent < 0).Select(frame => frame.Frame);

    static IEnumerable<CallFrame> All(CallFrame frame) => frame.Children.SelectMany(child => All(child).Prepend(child));

    static Dictionary<string, Sum> Flat(CallForest forest)
    {
        var flat = new Dictionary<string, Sum>();
        foreach (var lane in forest.Lanes) Add(lane.Root, lane.StreamId.ToString());
        return flat;

        void Add(CallFrame frame, string path)
        {
            foreach (var child in frame.Children)
            {
                flat.Add($"{path}|{child.Name}", new(child.Count, child.TotalNs, child.SelfNs));
                Add(child, $"{path}|{child.Name}");
            }
        }
    }

    static Dictionary<string, Sum> BruteForce(Spans spans, long from, long to)
    {
        var sums = new Dictionary<string, Sum>();
        foreach (var span in spans)
        {
            if (Clipped(span, from, to) is not { } duration) continue;
            var path = $"{span.Stream}|{string.Join('|', Ancestors(spans, span).Prepend(span).Reverse().Select(each => each.Name))}";
            var sum = sums.GetValueOrDefault(path, new(0, 0, 0));
            sums[path] = new(sum.Count + 1, sum.TotalNs + duration, sum.SelfNs + Self(spans, span, from, to));
        }
        return sums;
    }

    static long Self(Spans spans, Span span, long from, long to) => Clipped(span, from, to)!.Value - spans.ChildrenOf[(span.Stream, span.Id)].Sum(child => Clipped(child, from, to) ?? 0);

    /// <summary>What of a span lies in a time, its end exclusive; null where it does not touch it.</summary>
    static long? Clipped(Span span, long from, long to) => span.EndNs >= from && span.BeginNs < to ? Math.Min(span.EndNs, to) - Math.Max(span.BeginNs, from) : null;

    static IEnumerable<Span> Ancestors(Spans spans, Span span)
    {
        for (var above = span; above.Parent is { } parent;) yield return above = spans.ById[(above.Stream, parent)];
    }

    async Task<(Spans Spans, long NewestNs)> ReadAsync(Guid processId)
    {
        using var result = await lake.Lake.QueryAsync("SELECT stream_id, span_id, parent_id, begin_ns, end_ns, name FROM spans WHERE process_id = $process",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var newest = result.Receipt.NewestNs!.Value;
        var spans = new List<Span>();
        while (rows.Read()) spans.Add(new(Guid.Parse(rows.Text(0)), rows.Int64(1), rows.IsNull(2) ? null : rows.Int64(2), rows.Int64(3), rows.IsNull(4) ? newest : rows.Int64(4), rows.Text(5)));
        return (new Spans(spans), newest);
    }

    sealed class Spans(List<Span> spans) : List<Span>(spans)
    {
        public Dictionary<(Guid, long), Span> ById { get; } = spans.ToDictionary(span => (span.Stream, span.Id));

        public ILookup<(Guid, long), Span> ChildrenOf { get; } = spans.Where(span => span.Parent is not null).ToLookup(span => (span.Stream, span.Parent!.Value));
    }
}
