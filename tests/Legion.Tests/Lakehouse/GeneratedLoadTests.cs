using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Generated load through the real encoder, in blocks small enough for many edges and times that cross slots.</summary>
public sealed class GeneratedLoadTests
{
    const string Everything = """
        SELECT t.name AS thread_name, span_id, parent_id, depth, begin_ns, end_ns, duration_ns, self_ns, s.name, truncated
        FROM spans s JOIN streams t USING (stream_id) WHERE s.process_id = $process ORDER BY thread_name, span_id
        """;

    /// <summary>Nesting, depth and parents of every span follow from the intervals alone, whatever the blocks' edges.</summary>
    const string Contradictions = """
        WITH s AS (SELECT * FROM spans WHERE process_id = $process)
        SELECT count(*) AS n FROM s LEFT JOIN s AS p ON p.stream_id = s.stream_id AND p.span_id = s.parent_id
        WHERE s.truncated OR s.end_ns < s.begin_ns OR s.duration_ns <> s.end_ns - s.begin_ns
           OR (s.parent_id IS NULL) <> (s.depth = 0)
           OR s.parent_id IS NOT NULL AND (p.span_id IS NULL OR p.depth <> s.depth - 1 OR s.begin_ns < p.begin_ns OR s.end_ns > p.end_ns OR p.span_id >= s.span_id)
        """;

    [Theory]
    [InlineData(7ul, 1 << 20, "2026-01-01T00:00:00Z")]
    [InlineData(7ul, 4096, "2026-01-01T23:59:59.9Z")]
    [InlineData(8ul, 1024, "2026-01-01T00:00:00Z")]
    public async Task Spans_are_exact_across_edges_and_after_a_rebuild(ulong seed, int blockBytes, string start)
    {
        using var lake = new TestLake();
        var process = await GenerateAsync(lake, seed, blockBytes, start);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } };

        var rows = await lake.CsvAsync(Everything, options);
        Assert.Equal("n\n0\n", await lake.CsvAsync(Contradictions, options));
        Assert.Equal("n,self,roots\n20000,0,True\n", await lake.CsvAsync(
            "SELECT count(*) AS n, sum(self_ns) - sum(duration_ns) FILTER (depth = 0) AS self, count(*) FILTER (depth = 0) > 0 AS roots FROM spans WHERE process_id = $process", options));
        Assert.Equal("n\n0\n", await lake.CsvAsync("SELECT count(*) AS n FROM problems WHERE process_id = $process", options));

        await lake.DropPartitionsAsync();
        Assert.Equal(rows, await lake.CsvAsync(Everything, options));
    }

    [Fact]
    public async Task The_size_of_blocks_changes_nothing_but_the_blocks()
    {
        var answers = new List<string>();
        foreach (var blockBytes in (int[])[1 << 20, 2048])
        {
            using var lake = new TestLake();
            var process = await GenerateAsync(lake, 11, blockBytes, "2026-01-01T00:00:00Z");
            answers.Add(await lake.CsvAsync(Everything, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } }));
        }
        Assert.Equal(answers[0], answers[1]);
    }

    static async Task<Guid> GenerateAsync(TestLake lake, ulong seed, int blockBytes, string start)
    {
        var append = new BlockAppend(lake.Store, TimeProvider.System);
        var load = new GeneratedLoad { Spans = 20_000, Seed = seed, BlockBytes = blockBytes, Start = DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture) };
        var ids = await LoadGenerator.GenerateAsync(load, batch => append.AppendAsync(Tenant.Default, Batch.Read(batch), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        return ids.Single();
    }
}
