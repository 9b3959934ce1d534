using System.Text.Json;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

public sealed class LakePolicyCommandTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task PoliciesAreAddedListedAndRemoved()
    {
        Assert.Equal("", await SayAsync("list"));
        await SayAsync("add", "physics", "--process", "exe = 'game' AND property(properties, 'build') = '1234'", "--spans", "target LIKE 'Physics.%' -- of all bodies");
        await SayAsync("add", "all");
        await SayAsync("add", "all", "--tenant", "shop", "--spans", "line > 5");
        Assert.Equal(
            ["all  all spans of all processes", "physics  spans where target LIKE 'Physics.%' -- of all bodies of processes where exe = 'game' AND property(properties, 'build') = '1234'"],
            (await SayAsync("list")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var listed = JsonDocument.Parse(await SayAsync("list", "--json")).RootElement[1];
        Assert.Equal(
            ("physics", "exe = 'game' AND property(properties, 'build') = '1234'", "target LIKE 'Physics.%' -- of all bodies", "user " + Environment.UserName),
            (listed.GetProperty("name").GetString(), listed.GetProperty("process").GetString(), listed.GetProperty("spans").GetString(), listed.GetProperty("created_by").GetString()));

        var again = await RunAsync("add", "all");
        Assert.Equal((2, ""), (again.ExitCode, again.Output));
        Assert.Contains("there is one of this name", again.Error, StringComparison.Ordinal);
        await SayAsync("remove", "all");
        var missing = await RunAsync("remove", "all");
        Assert.Equal((3, ""), (missing.ExitCode, missing.Output));
        Assert.Equal("physics", Assert.Single(await lake.Store.Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation)).Name);
        Assert.Equal("line > 5", Assert.Single(await lake.Store.Catalog.ReadPoliciesAsync(new Tenant("shop"), Cancellation)).SpanFilter);
    }

    /// <summary>What is no condition is refused before anything is stored, and says what it is about.</summary>
    [Theory]
    [InlineData("cannot add a policy as", "bad name")]
    [InlineData("cannot add a policy as", "")]
    [InlineData("\"exx\" not found", "p", "--process", "exx = 'game'")]
    [InlineData("over process_id, parent_process_id, exe,", "p", "--process", "exx = 'game'")]
    [InlineData("over name, target, file, line", "p", "--spans", "duration_ns > 5")]
    [InlineData("syntax error", "p", "--spans", "name =")]
    [InlineData("gives VARCHAR, not BOOLEAN", "p", "--spans", "name")]
    [InlineData("more than one expression", "p", "--spans", "true) AS asked, (true")]
    [InlineData("more than one expression", "p", "--spans", "true) FROM (SELECT 1 AS name")]
    [InlineData("syntax error", "p", "--spans", "true) ORDER BY (1")]
    [InlineData("a query is one SELECT", "p", "--spans", "true); SELECT (1")]
    [InlineData("has a subquery", "p", "--process", "exe IN (SELECT exe FROM processes)")]
    [InlineData("has a window", "p", "--spans", "row_number() OVER () = 1")]
    [InlineData("has a parameter", "p", "--spans", "name = $name")]
    [InlineData("aggregates", "p", "--spans", "count(*) > 1")]
    [InlineData("another value at another time", "p", "--spans", "random() < 0.5")]
    [InlineData("another value at another time", "p", "--process", "start_time > now() - INTERVAL 1 DAY")]
    [InlineData("another value at another time", "p", "--process", "start_time > current_date")]
    public async Task WhatIsNoConditionIsRefused(string says, params string[] arguments)
    {
        var outcome = await RunAsync(["add", .. arguments]);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(await lake.Store.Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation));
    }

    /// <summary>What a person would write is a condition.</summary>
    [Theory]
    [InlineData("start_time >= TIMESTAMP '2026-01-01' AND exe ILIKE '%game%'", "")]
    [InlineData("computer IN ('a', 'b') OR processes.os LIKE 'Linux%'", "regexp_matches(spans.name, '^load ')")]
    [InlineData("(properties->>'build') = '1234'", "name = 'a' OR line BETWEEN 1 AND 5 -- of the head")]
    [InlineData("end_reason <> 'exit'", "lower(file) LIKE '%/physics/%' AND length(name) + line > 5")]
    [InlineData("time_bin(INTERVAL 1 DAY, start_time) = TIMESTAMP_NS '2026-01-01'", "CAST(name AS INTEGER) > 5")]
    public async Task WhatIsOneIsStored(string process, string spans)
    {
        await SayAsync("add", "p", "--process", process, "--spans", spans);
        Assert.Single(await lake.Store.Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation));
    }

    Task<LegionProgram.Outcome> RunAsync(params string[] arguments) => LegionProgram.RunAsync(["lake", "policy", .. arguments, "--lake", lake.Folder]);

    async Task<string> SayAsync(params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Output;
    }
}
