using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Saved queries: what they are to those that use them, and what a plan says of both.</summary>
public sealed class SavedQueryTests
{
    const string Script = "main begin 100 short\nmain end 200\nmain begin 1000 long\nmain end 9000\nlog 300 info main hello";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("FROM slow", "name\nlong\n")]
    [InlineData("SELECT name FROM SLOW AS s", "name\nlong\n")]
    [InlineData("WITH slow AS (SELECT 1 AS name) FROM slow", "name\n1\n")]
    [InlineData("WITH own AS (FROM slow) SELECT count(*) AS n FROM own", "n\n1\n")]
    [InlineData("SELECT n FROM counted", "n\n1\n")]
    // A CTE of the query is none of the saved query's, which means the saved query of this name.
    [InlineData("WITH slow AS (SELECT 1 AS name UNION ALL SELECT 2) SELECT c.n, count(*) AS own FROM counted AS c, slow GROUP BY ALL", "n,own\n1,2\n")]
    [InlineData("SELECT (SELECT count(*) FROM slow) AS n", "n\n1\n")]
    [InlineData("SELECT name FROM slow UNION ALL SELECT name FROM slow", "name\nlong\nlong\n")]
    public async Task AreReadByTheirName(string sql, string expected)
    {
        using var lake = new TestLake();
        var options = await DeliverAsync(lake);
        Assert.Equal(expected, await lake.CsvAsync(sql, options));
    }

    [Fact]
    public async Task NarrowInTheirOwnWhere()
    {
        using var lake = new TestLake();
        var options = await DeliverAsync(lake);
        await EventScript.Parse(Script).DeliverAsync(lake, () => Task.CompletedTask);
        var plan = await lake.Lake.ExplainAsync("FROM counted", options, Cancellation);
        Assert.Equal([(Guid)options.Parameters["process"]!], Assert.Single(plan.Views).Processes);
        Assert.Equal(["counted", "slow"], plan.SavedQueries.Select(query => query.Name));
    }

    [Fact]
    public async Task ThatUseThemselvesAreRefused()
    {
        using var lake = new TestLake();
        await lake.Lake.SaveQueryAsync("a", "SELECT 1 AS x", "ann", Cancellation);
        await lake.Lake.SaveQueryAsync("b", "FROM a", "ann", Cancellation);
        await lake.Lake.SaveQueryAsync("c", "FROM b", "ann", Cancellation);
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.Lake.SaveQueryAsync("A", "SELECT * FROM c", "ann", Cancellation));
        Assert.Equal("saved query 'a' uses itself: a -> c -> b -> a", error.Message);
        Assert.Equal("x\n1\n", await lake.CsvAsync("FROM c"));
    }

    [Fact]
    public async Task ThatMultiplyAreRefused()
    {
        using var lake = new TestLake();
        await lake.Lake.SaveQueryAsync("q0", "SELECT 1 AS x", "ann", Cancellation);
        QueryException? error = null;
        for (var i = 1; i < 20 && error is null; i++)
        {
            // Two that each use the two before.
            try
            {
                await lake.Lake.SaveQueryAsync($"p{i}", i == 1 ? "FROM q0" : $"SELECT a.x FROM p{i - 1} AS a, q{i - 1} AS b", "ann", Cancellation);
                await lake.Lake.SaveQueryAsync($"q{i}", i == 1 ? "FROM q0" : $"SELECT a.x FROM p{i - 1} AS a, q{i - 1} AS b", "ann", Cancellation);
            }
            catch (QueryException refused)
            {
                error = refused;
            }
        }
        Assert.Contains("more than 200 times", error!.Message);
    }

    [Theory]
    [InlineData("spans", "SELECT 1", "a view has this name")]
    [InlineData("1st", "SELECT 1", "expected letters")]
    [InlineData("a b", "SELECT 1", "expected letters")]
    [InlineData("good", "DROP TABLE x", "one SELECT")]
    [InlineData("good", "SELEC 1", "syntax error")]
    public async Task AreRefusedWhereNobodyCouldReadThem(string name, string sql, string expected)
    {
        using var lake = new TestLake();
        Assert.Contains(expected, (await Assert.ThrowsAsync<QueryException>(() => lake.Lake.SaveQueryAsync(name, sql, "ann", Cancellation))).Message);
        Assert.Empty(await lake.Lake.ReadSavedQueriesAsync(Cancellation));
    }

    [Fact]
    public async Task AreFoundReplacedAndDeleted()
    {
        using var lake = new TestLake();
        await lake.Lake.SaveQueryAsync("Mine", "SELECT 1 AS x", "ann", Cancellation);
        await lake.Lake.SaveQueryAsync("mine", "SELECT 2 AS x", "bob", Cancellation);
        var found = await lake.Lake.FindQueryAsync("MINE", Cancellation);
        Assert.Equal(("mine", "SELECT 2 AS x", "bob"), (found!.Name, found.Sql, found.UpdatedBy));
        Assert.Null(await new Lake(lake.Store, new Tenant("other")).FindQueryAsync("mine", Cancellation));
        Assert.True(await lake.Lake.DeleteQueryAsync("Mine", Cancellation));
        Assert.False(await lake.Lake.DeleteQueryAsync("mine", Cancellation));
        Assert.Contains("there is no view 'mine'", (await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("FROM mine"))).Message);
    }

    [Fact]
    public async Task AnErrorInsideOneHasNoPlaceInTheQueryAroundIt()
    {
        using var lake = new TestLake();
        await lake.Lake.SaveQueryAsync("broken", "SELECT * FROM nowhere", "ann", Cancellation);
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT 1, 2, 3 FROM broken"));
        Assert.Contains("there is no view 'nowhere'", error.Message);
        Assert.Null(error.Position);
    }

    [Fact]
    public async Task GoWithAValueThatIsErased()
    {
        using var lake = new TestLake();
        await lake.Lake.SaveQueryAsync("of_ann", "SELECT * FROM log_entries WHERE property(properties, 'user') = 'ann''s'", "bob", Cancellation);
        await lake.Lake.SaveQueryAsync("of_all", "SELECT * FROM log_entries", "bob", Cancellation);
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync("user", "ann's", Cancellation), null, Cancellation);
        Assert.Equal("of_all", Assert.Single(await lake.Lake.ReadSavedQueriesAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task APlanSaysWhatIsThereAndWhatIsToBeBuilt()
    {
        using var lake = new TestLake();
        var options = await DeliverAsync(lake);
        const string Sql = "SELECT s.name FROM spans AS s, streams, log_entries AS l WHERE s.process_id = $process AND l.process_id = $process";
        var blocks = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        var before = await lake.Lake.ExplainAsync(Sql, options, Cancellation);
        var spans = before.Views.Single(view => view.View == "spans");
        Assert.Equal((1, 0, 1, 0L, 2L), (spans.Slots, spans.Current, spans.Missing, spans.PartitionBytes, spans.EstimatedRows));
        Assert.Equal(blocks.Where(block => block.Class == Legion.Format.StreamClass.Trace).Sum(block => block.Bytes), spans.BlockBytes);
        Assert.Empty(before.Views.Single(view => view.View == "streams").Processes);
        await lake.CsvAsync("SELECT count(*) AS n FROM spans WHERE process_id = $process", options);
        var after = await lake.Lake.ExplainAsync(Sql, options, Cancellation);
        spans = after.Views.Single(view => view.View == "spans");
        var partition = Assert.Single(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "spans", null, Cancellation));
        Assert.Equal((1, 1, 0, partition.Bytes, 0L, 2L), (spans.Slots, spans.Current, spans.Missing, spans.PartitionBytes, spans.BlockBytes, spans.EstimatedRows));
        Assert.Equal((0, 1), after.Views.Where(view => view.View == "log_entries").Select(view => (view.Current, view.Missing)).Single());
    }

    /// <summary>Delivers the script and saves <c>slow</c>, which has a parameter, and <c>counted</c>, which uses it.</summary>
    static async Task<QueryOptions> DeliverAsync(TestLake lake)
    {
        var script = EventScript.Parse(Script);
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        await lake.Lake.SaveQueryAsync("slow", "SELECT name FROM spans WHERE process_id = $process AND duration_ns > 1000", "ann", Cancellation);
        await lake.Lake.SaveQueryAsync("counted", "SELECT count(*) AS n FROM slow", "ann", Cancellation);
        return new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
    }
}
