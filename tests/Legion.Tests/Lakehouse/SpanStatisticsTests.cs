using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;
using Legion.Tests.Support;
using Legion.Tests.Tiles;

namespace Legion.Tests.Lakehouse;

/// <summary>Sums that were made while spans were decoded say what the spans themselves say.</summary>
public sealed class SpanStatisticsTests : IDisposable
{
    const long SecondNs = 1_000_000_000;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Theory]
    [InlineData(1, 3, SecondNs, 900)]
    [InlineData(2, 5, 90_000 * SecondNs, 700)]
    public async Task SumsAreThoseOfTheSpans(int seed, int threads, long durationNs, int spansPerThread)
    {
        var options = await DeliverAsync(SpanScene.Random(seed, threads, durationNs, spansPerThread));
        var expected = await lake.CsvAsync("""
            SELECT stream_id, name, count(*) AS n, sum(duration_ns)::BIGINT AS total, sum(self_ns)::BIGINT AS self, min(duration_ns) AS least, max(duration_ns) AS most
            FROM spans WHERE process_id = $process AND end_ns IS NOT NULL GROUP BY ALL ORDER BY ALL
            """, options);
        Assert.Equal(expected, await lake.CsvAsync("""
            SELECT stream_id, name, sum(count)::BIGINT AS n, sum(total_ns)::BIGINT AS total, sum(self_ns)::BIGINT AS self, min(min_ns) AS least, max(max_ns) AS most
            FROM span_stats WHERE process_id = $process GROUP BY ALL ORDER BY ALL
            """, options));
        Assert.Equal("bad\n0\n", await lake.CsvAsync("SELECT count(*) AS bad FROM span_stats WHERE process_id = $process AND (count <> list_sum(counts) OR len(bins) <> len(counts))", options));
    }

    [Theory]
    [InlineData(3, 3, SecondNs, 900)]
    [InlineData(4, 4, 40_000 * SecondNs, 700)]
    public async Task TheCallTreeIsThatOfTheSpans(int seed, int threads, long durationNs, int spansPerThread)
    {
        var options = await DeliverAsync(SpanScene.Random(seed, threads, durationNs, spansPerThread));
        // Each span's path, from its parents; names of these scenes have no separators in them but one.
        var expected = await lake.CsvAsync("""
            WITH RECURSIVE s AS (SELECT stream_id, span_id, parent_id, name, duration_ns, self_ns FROM spans WHERE process_id = $process),
            paths AS (
                SELECT stream_id, span_id, replace(name, ';', '\;') AS path, duration_ns, self_ns FROM s WHERE parent_id IS NULL
                UNION ALL
                SELECT s.stream_id, s.span_id, paths.path || ';' || replace(s.name, ';', '\;'), s.duration_ns, s.self_ns FROM s JOIN paths ON s.stream_id = paths.stream_id AND s.parent_id = paths.span_id
            )
            SELECT stream_id, path, count(*) AS n, sum(duration_ns)::BIGINT AS total, sum(self_ns)::BIGINT AS self FROM paths WHERE duration_ns IS NOT NULL GROUP BY ALL ORDER BY ALL
            """, options);
        Assert.Equal(expected, await lake.CsvAsync("""
            SELECT stream_id, path, sum(count)::BIGINT AS n, sum(total_ns)::BIGINT AS total, sum(self_ns)::BIGINT AS self FROM call_tree WHERE process_id = $process GROUP BY ALL HAVING n > 0 ORDER BY ALL
            """, options));
    }

    [Theory]
    [InlineData(5, 3, SecondNs, 900)]
    [InlineData(6, 4, 120_000 * SecondNs, 900)]
    public async Task ASelectionCountsWhatEndsInIt(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await DeliverAsync(script);
        var spans = (await ReadAsync(script.ProcessId)).ToArray();
        var selections = new SpanSelections(lake.Lake);
        var random = new Random(seed);
        var (first, last) = (spans.Min(span => span.EndNs), spans.Max(span => span.EndNs));
        for (var round = 0; round < 12; round++)
        {
            var begin = round == 0 ? first : random.NextInt64(first, last);
            var end = round == 0 ? last + 1 : random.NextInt64(begin, last + 1);
            Guid[]? streams = round % 3 == 2 ? [spans[random.Next(spans.Length)].StreamId] : null;
            var found = await selections.ReadAsync(script.ProcessId, begin, end, streams, Cancellation);
            var expected = spans.Where(span => span.EndNs >= begin && span.EndNs < end && (streams is null || streams.Contains(span.StreamId))).GroupBy(span => span.Name)
                .Select(group => (group.Key, (long)group.Count(), group.Sum(span => span.DurationNs), group.Min(span => span.DurationNs), group.Max(span => span.DurationNs))).OrderBy(row => row.Key, StringComparer.Ordinal);
            Assert.Equal(expected, found.Select(row => (row.Name, row.Count, row.TotalNs, row.MinNs, row.MaxNs)).OrderBy(row => row.Name, StringComparer.Ordinal));
            foreach (var row in found)
            {
                var durations = spans.Where(span => span.Name == row.Name && span.EndNs >= begin && span.EndNs < end && (streams is null || streams.Contains(span.StreamId))).Select(span => span.DurationNs).Order().ToArray();
                foreach (var share in new[] { 0, 0.5, 0.9, 0.99, 1 })
                {
                    var exact = durations[(int)(share * (durations.Length - 1))];
                    Assert.InRange(row.Durations.Percentile(share), exact * 0.98999, exact * 1.01001);
                }
            }
        }
    }

    [Theory]
    [InlineData(7, 3, SecondNs, 900)]
    [InlineData(8, 4, 120_000 * SecondNs, 900)]
    public async Task AHeatCountsEachSpanInTheColumnInWhichItEnds(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await DeliverAsync(script);
        var spans = (await ReadAsync(script.ProcessId)).ToArray();
        var selections = new SpanSelections(lake.Lake);
        var random = new Random(seed);
        var (first, last) = (spans.Min(span => span.EndNs), spans.Max(span => span.EndNs));
        for (var round = 0; round < 8; round++)
        {
            var begin = round == 0 ? first : random.NextInt64(first, last);
            var window = TimeWindow.Of(begin, round == 0 ? last + 1 : random.NextInt64(begin + 1, last + 1))!.Value;
            var name = spans[random.Next(spans.Length)].Name;
            var heat = await selections.ReadHeatAsync(script.ProcessId, name, window, Cancellation);

            Assert.Equal(heat.Edges.Order().Distinct(), heat.Edges);
            Assert.InRange(heat.Edges.Count, 2, DurationHeat.MostColumns + 1);
            var stepNs = window.StepNs(DurationHeat.MostColumns);
            Assert.InRange(window.FromNs - heat.Edges[0], 0, stepNs);
            Assert.InRange(heat.Edges[^1] - window.ToNs, 0, stepNs);
            var expected = spans.Where(span => span.Name == name && span.EndNs >= heat.Edges[0] && span.EndNs < heat.Edges[^1])
                .GroupBy(span => (Column: heat.Edges.Count(edge => edge <= span.EndNs) - 1, Bucket: QuarterOf(Sketch.ValueOf(Sketch.BinOf(span.DurationNs)))))
                .Select(cell => (cell.Key.Column, cell.Key.Bucket, (long)cell.Count())).Order();
            Assert.Equal(expected, heat.Cells.Select(cell => (cell.Column, QuarterOf((cell.Bucket.LowNs + cell.Bucket.HighNs) / 2), cell.Bucket.Count)).Order());
            if (round == 0) Assert.Equal(spans.Count(span => span.Name == name), heat.Cells.Sum(cell => cell.Bucket.Count));
        }
        Assert.Empty((await selections.ReadHeatAsync(script.ProcessId, "no such name", TimeWindow.Of(first, last)!.Value, Cancellation)).Cells);

        // Four of them double a duration.
        static int QuarterOf(double ns) => ns <= 0 ? -1 : (int)Math.Floor(4 * Math.Log2(ns));
    }

    [Fact]
    public void BinsAreWithinOnePercent()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var value = Math.Floor(Math.Pow(10, random.NextDouble() * 18));
            Assert.InRange(Sketch.ValueOf(Sketch.BinOf(value)), value * 0.99, value * 1.0101);
        }
        Assert.Equal(0, Sketch.ValueOf(Sketch.BinOf(0)));
    }

    async Task<QueryOptions> DeliverAsync(EventScript script)
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        return new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
    }

    async Task<IEnumerable<RawSpan>> ReadAsync(Guid processId)
    {
        using var result = await lake.Lake.QueryAsync("SELECT stream_id, span_id, depth::BIGINT, begin_ns, end_ns, name FROM spans WHERE process_id = $process AND end_ns IS NOT NULL",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var spans = new List<RawSpan>();
        while (rows.Read()) spans.Add(new RawSpan(Guid.Parse(rows.Text(0)), rows.Int64(1), (int)rows.Int64(2), rows.Int64(3), rows.Int64(4), rows.Text(5)));
        return spans;
    }
}
