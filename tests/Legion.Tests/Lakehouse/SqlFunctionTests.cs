using System.Globalization;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>The functions that SQL has beside the engine's own, beyond what <see cref="LakehouseTriples"/> show of them.</summary>
public sealed class SqlFunctionTests
{
    const string Script = """
        main begin 100 first a=1
        main end 200
        main cut
        main begin 300 second user=ann
        main end 400
        """;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("time_bin(1000, -1)", "-1000")]
    [InlineData("time_bin(1000, -1000)", "-1000")]
    [InlineData("time_bin(INTERVAL 1 microsecond, 1999)", "1000")]
    [InlineData("epoch_ns(time_bin(INTERVAL 1 second, make_timestamp_ns(-1)))", "-1000000000")]
    [InlineData("typeof(time_bin(1000, make_timestamp_ns(1)))", "TIMESTAMP_NS")]
    [InlineData("typeof(time_bin(INTERVAL 1 hour, 1))", "BIGINT")]
    [InlineData("""property('{"a\"b":1,"c~d/e":"x","f":null}', 'a"b')""", "1")]
    [InlineData("""property('{"a\"b":1,"c~d/e":"x","f":null}', 'c~d/e')""", "x")]
    [InlineData("""property('{"a\"b":1,"c~d/e":"x","f":null}', 'f') IS NULL""", "True")]
    [InlineData("(SELECT percentile(v, 0.25) FROM range(5) t(v))", "1")]
    [InlineData("(SELECT sketch(v).counts FROM (VALUES (-1), (0), (NULL)) t(v))[1]", "2")]
    [InlineData("(SELECT percentile(s.bins, s.counts, 0.5) IS NULL FROM (SELECT sketch(v) AS s FROM range(0) t(v)))", "True")]
    [InlineData("(SELECT histogram(v) FROM (VALUES (-3), (NULL)) t(v))[1].low", "-3.363585661014858")]
    [InlineData("(SELECT histogram(v) IS NULL FROM range(0) t(v))", "True")]
    [InlineData("(SELECT system.main.histogram(v) FROM range(2) t(v))[0]", "1")]
    public async Task Gives(string expression, string expected)
    {
        using var lake = new TestLake();
        Assert.Equal($"x\n{expected}\n", await lake.CsvAsync($"SELECT {expression} AS x"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 10)]
    [InlineData(3, 1000)]
    public async Task SketchesThatAreMergedGiveEveryPercentileToOnePercent(int seed, int sketches)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, 3000).Select(_ => random.Next(20) == 0 ? 0 : Math.Exp(random.NextDouble() * 40 - 5)).ToArray();
        var list = string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
        double[] shares = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1];
        using var lake = new TestLake();
        var answer = await lake.CsvAsync($"""
            WITH sketches AS (SELECT sketch(v) AS s FROM (SELECT unnest([{list}]::DOUBLE[]) AS v, unnest(range({values.Length})) AS i) GROUP BY i % {sketches})
            SELECT {string.Join(", ", shares.Select((share, i) => string.Create(CultureInfo.InvariantCulture, $"percentile(s.bins, s.counts, {share}) AS p{i}")))} FROM sketches
            """);
        Array.Sort(values);
        var estimates = answer.Split('\n')[1].Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        for (var i = 0; i < shares.Length; i++)
        {
            var exact = values[(int)Math.Floor(shares[i] * (values.Length - 1))];
            Assert.InRange(Math.Abs(estimates[i] - exact), 0, 0.01 * exact);
        }
    }

    [Fact]
    public async Task ParsesEveryEventOfABlock()
    {
        using var lake = new TestLake();
        var script = EventScript.Parse(Script);
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var blocks = await BlocksAsync(lake);
        var answer = await lake.CsvAsync(
            "SELECT ordinal, time_ns - 1767225600000000000 AS t, type, fields->'site'->>'name' AS name, property(fields, 'name') AS dynamic, stream_id = $stream AS own, time = make_timestamp_ns(time_ns) AS twin FROM parse_block($block) ORDER BY ordinal",
            With(("block", blocks[0].BlockId), ("stream", blocks[0].StreamId)));
        var rows = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, rows.Length);
        Assert.StartsWith("0,100,legion.", rows[1]);
        Assert.Contains("first", rows[1]);
        Assert.StartsWith("1,200,legion.span_end", rows[2]);
        Assert.EndsWith("True,True", rows[2]);
    }

    [Fact]
    public async Task OneQueryLooksIntoSeveralBlocks()
    {
        using var lake = new TestLake();
        await EventScript.Parse(Script).DeliverAsync(lake, () => Task.CompletedTask);
        var blocks = await BlocksAsync(lake);
        Assert.Equal("n,m\n2,2\n", await lake.CsvAsync(
            $"SELECT (SELECT count(*) FROM parse_block('{blocks[0].BlockId}')) AS n, (SELECT count(*) FROM PARSE_BLOCK('{blocks[1].BlockId.ToString().ToUpperInvariant()}')) AS m"));
    }

    [Theory]
    [InlineData("SELECT * FROM parse_block('nonsense')", "expected the id of a block, a UUID, saw 'nonsense'")]
    [InlineData("SELECT * FROM parse_block(NULL)", "saw NULL")]
    [InlineData("SELECT * FROM parse_block('01900000-0000-7000-8000-000000000000')", "there is no block '01900000-0000-7000-8000-000000000000'")]
    [InlineData("SELECT * FROM blocks AS b, parse_block(b.block_id)", "cannot come from a column")]
    [InlineData("SELECT * FROM parse_block()", "takes one block id")]
    public async Task RefusesWhatNamesNoBlock(string sql, string expected)
    {
        using var lake = new TestLake();
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync(sql));
        Assert.Contains(expected, error.Message);
        Assert.Equal(sql.IndexOf("parse_block", StringComparison.Ordinal), error.Position);
    }

    [Fact]
    public async Task ADamagedBlockSaysWhatWasExpected()
    {
        using var lake = new TestLake();
        await EventScript.Parse(Script).DeliverAsync(lake, () => Task.CompletedTask);
        var block = (await BlocksAsync(lake))[0];
        await lake.DamageAsync(block.BlockId);
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT * FROM parse_block($b)", With(("b", block.BlockId))));
        Assert.Contains("damaged: ", error.Message);
        Assert.Contains("expected", error.Message);
    }

    [Fact]
    public async Task AnotherTenantsBlockIsUnknown()
    {
        using var lake = new TestLake();
        await EventScript.Parse(Script).DeliverAsync(lake, () => Task.CompletedTask);
        var block = (await BlocksAsync(lake))[0];
        var other = new Lake(lake.Store, new Tenant("other"));
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT * FROM parse_block($b)", With(("b", block.BlockId)), other));
        Assert.Contains("there is no block", error.Message);
    }

    [Fact]
    public async Task WhatIsBeingErasedIsNotLookedInto()
    {
        using var lake = new TestLake();
        await EventScript.Parse(Script).DeliverAsync(lake, () => Task.CompletedTask);
        var blocks = await BlocksAsync(lake);
        // It has begun and nothing is rewritten yet.
        var keys = ErasureKeys.Create();
        await lake.Store.Catalog.KeepErasureKeysAsync(Tenant.Default, keys, Cancellation);
        await lake.Store.Catalog.BeginErasureAsync(Tenant.Default, new ErasureRow { ErasureId = Guid.CreateVersion7(), Kind = ErasureKind.Property, Property = "user", Value = "ann", Digest = keys.DigestOf("user", "ann"), RequestedNs = 1, Counts = default }, [], Cancellation);
        Assert.Equal("n\n2\n", await lake.CsvAsync("SELECT count(*) AS n FROM parse_block($b)", With(("b", blocks[0].BlockId))));
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT count(*) AS n FROM parse_block($b)", With(("b", blocks[1].BlockId))));
        Assert.Contains("being erased", error.Message);
    }

    static async Task<IReadOnlyList<BlockRow>> BlocksAsync(TestLake lake) => await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);

    static QueryOptions With(params (string Name, Guid Id)[] parameters) =>
        new() { Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => (object?)parameter.Id) };
}
