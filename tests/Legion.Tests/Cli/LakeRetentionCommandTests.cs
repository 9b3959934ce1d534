using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

public sealed class LakeRetentionCommandTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task RulesAreSetListedRunAndLifted()
    {
        var recording = new Recording();
        var (old, young) = (recording.Block(id: Guid.CreateVersion7(DateTimeOffset.UtcNow.AddDays(-40))), recording.Block());
        Assert.All((await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, recording.Items(old, young), Cancellation)).Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));

        await SayAsync("set", "--signal", "trace", "--days", "30");
        await SayAsync("set", "--signal", "log", "--days", "7", "--tenant", "shop");
        Assert.Equal(["default  trace   30 days", "shop  log     7 days"], (await SayAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var rule = (await JsonAsync("--json"))[1];
        Assert.Equal(("shop", "log", 7), (rule.GetProperty("tenant").GetString(), rule.GetProperty("signal").GetString(), rule.GetProperty("days").GetInt32()));

        var totals = await JsonAsync("run", "--json");
        Assert.Equal((1, old.Length, 1, 0), (totals.GetProperty("blocks").GetInt32(), totals.GetProperty("bytes").GetInt32(), totals.GetProperty("objects").GetInt32(), totals.GetProperty("processes").GetInt32()));
        Assert.Equal(Recording.IdOf(young), Assert.Single(await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).BlockId);
        Assert.StartsWith("dropped 0 blocks (0 bytes) in 0 objects, 0 processes", await SayAsync("run"), StringComparison.Ordinal);

        await SayAsync("set", "--signal", "trace", "--days", "all");
        Assert.Equal("shop", Assert.Single((await JsonAsync("--json")).EnumerateArray()).GetProperty("tenant").GetString());
    }

    [Theory]
    [InlineData("expected 1 to 36500, or all", "--signal", "trace", "--days", "0")]
    [InlineData("expected 1 to 36500, or all", "--signal", "trace", "--days", "soon")]
    [InlineData("'spans'", "--signal", "spans", "--days", "3")]
    [InlineData("as a tenant", "--signal", "trace", "--days", "3", "--tenant", "../up")]
    public async Task ARuleThatCannotBeMeantIsRefused(string says, params string[] arguments)
    {
        var outcome = await RunAsync(["set", .. arguments]);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(await lake.Store.Catalog.ReadRetentionAsync(null, Cancellation));
    }

    Task<LegionProgram.Outcome> RunAsync(params string[] arguments) => LegionProgram.RunAsync(["lake", "retention", .. arguments, "--lake", lake.Folder]);

    async Task<string> SayAsync(params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Output;
    }

    async Task<JsonElement> JsonAsync(params string[] arguments) => JsonDocument.Parse(await SayAsync(arguments)).RootElement;
}
