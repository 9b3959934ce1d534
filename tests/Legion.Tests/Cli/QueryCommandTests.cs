using System.Text.Json;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

/// <summary>What <c>legion query</c> has beside the rows: saved queries, plans, receipts, snapshots.</summary>
public sealed class QueryCommandTests : IDisposable
{
    readonly TestLake lake = new();

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task ASavedQueryIsPlannedAskedAndAskedAgainAsItWas()
    {
        var script = EventScript.Parse("log 100 info main first\nlog cut late\nlog 200 info main second");
        var first = await AskDuringDeliveryAsync(script);
        var after = await QueryAsync("FROM messages", "--set", "level=info");
        Assert.Equal((0, "message\nfirst\nsecond\n"), (after.ExitCode, after.Output));

        var again = await QueryAsync("FROM messages", "--set", "level=info", "--snapshot", first.GetProperty("snapshot").GetString()!);
        Assert.Equal((0, "message\nsecond\n", ""), (again.ExitCode, again.Output, again.Error));
        Assert.Equal((1, 1), (first.GetProperty("rows").GetInt32(), first.GetProperty("built").GetInt32()));

        var plan = JsonDocument.Parse((await QueryAsync("FROM messages", "--set", "level=info", "--explain", "--format", "json")).Output).RootElement;
        Assert.Equal("messages", plan.GetProperty("saved_queries")[0].GetProperty("name").GetString());
        Assert.Equal((1, 1, 0), (plan.GetProperty("views")[0].GetProperty("slots").GetInt32(), plan.GetProperty("views")[0].GetProperty("current").GetInt32(), plan.GetProperty("views")[0].GetProperty("to_build").GetInt32()));
        var text = (await QueryAsync("FROM messages", "--set", "level=info", "--explain", "--format", "table")).Output;
        Assert.StartsWith($"log_entries: 1 slots of 1 processes ({script.ProcessId}), 1 current with ", text, StringComparison.Ordinal);

        Assert.Equal("outcome,n\nok,3\n", (await QueryAsync("SELECT outcome, count(*) AS n FROM queries WHERE sql LIKE '%messages%' OR sql LIKE '%log_entries%' GROUP BY ALL")).Output);
    }

    [Theory]
    [InlineData("cannot save a query as 'spans': a view has this name", "SELECT 1", "--save", "spans")]
    [InlineData("cannot read the snapshot", "SELECT 1", "--snapshot", "yesterday")]
    [InlineData("there is no block", "FROM parse_block('01900000-0000-7000-8000-000000000000')", "--explain")]
    public async Task WhatCannotBeMeantIsRefused(string says, params string[] arguments)
    {
        var outcome = await QueryAsync(arguments);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Saves the query when it is asked before the late block is there.</summary>
    async Task<JsonElement> AskDuringDeliveryAsync(EventScript script)
    {
        LegionProgram.Outcome? asked = null;
        await script.DeliverAsync(lake, async () => asked = await QueryAsync("SELECT message FROM log_entries WHERE level = $level ORDER BY time_ns", "--set", "level=info", "--save", "Messages", "--receipt"));
        Assert.Equal((0, "message\nsecond\n"), (asked!.ExitCode, asked.Output));
        return JsonDocument.Parse(asked.Error).RootElement;
    }

    Task<LegionProgram.Outcome> QueryAsync(params IEnumerable<string> arguments)
    {
        string[] all = [.. arguments];
        return LegionProgram.RunAsync(["query", .. all, "--lake", lake.Folder, .. all.Contains("--format") ? Array.Empty<string>() : ["--format", "csv"]]);
    }
}
