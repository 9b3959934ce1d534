using System.Text.Json;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    readonly TemporaryLake lake = new();
    readonly Recording recording = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, string[]> Failures => new()
    {
        { 2, "unrecognized command or argument 'nonsense'", ["nonsense"] },
        { 2, "--help", [] },
        { 2, "--help", ["lake"] },
        { 2, "unrecognized command or argument '--nonsense'", ["lake", "info", "--nonsense"] },
        { 2, "needs a catalog", ["lake", "info", "--lake", "s3://bucket"] },
        { 2, "names no user", ["lake", "info", "--lake", "x", "--catalog", "mysql://host/db"] },
        { 2, "S3 endpoint 'nowhere'", ["lake", "info", "--lake", "s3://bucket", "--catalog", "mysql://user@host/db", "--s3-endpoint", "nowhere"] },
        { 2, "checksum mode 'never'", ["lake", "info", "--lake", "s3://bucket", "--catalog", "mysql://user@host/db", "--s3-checksum", "never"] },
        { 3, "no such folder", ["lake", "info", "--lake", "/nowhere/at/all"] },
        { 3, "no such file", ["import", "/nowhere/at/all.legion"] },
        { 2, "expected a URL", ["serve", "--urls", "9020"] },
        { 2, "'nobody'", ["serve", "--role", "nobody"] },
        { 2, "'Shop' as a tenant", ["processes", "--tenant", "Shop"] },
        { 2, "'../up' as a tenant", ["query", "SELECT 1", "--tenant", "../up"] },
        { 2, "'' as a tenant", ["materialize", "spans", "--tenant", ""] },
        { 2, "'a b' as a tenant", ["lake", "info", "--tenant", "a b"] },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task AFailureIsOneSentenceAndAnExitCode(int exitCode, string says, string[] arguments)
    {
        var outcome = await LegionProgram.RunAsync(arguments);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Contains(says, Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARecordingIsImportedOnceHoweverOften()
    {
        var other = new Recording();
        var file = await FileAsync(recording.Batch(recording.Blocks(3)).ToArray(), other.Batch(other.Block()).ToArray());

        var first = await LegionProgram.RunAsync("import", file, "--lake", lake.Folder);
        Assert.Equal((0, $"{recording.ProcessId}\n{other.ProcessId}\n"), (first.ExitCode, first.Output));

        var second = await LegionProgram.RunAsync("import", file, "--lake", lake.Folder, "--json");
        var json = JsonDocument.Parse(second.Output).RootElement;
        Assert.Equal([recording.ProcessId, other.ProcessId], json.GetProperty("processes").EnumerateArray().Select(id => id.GetGuid()));
        Assert.Equal((0, 4), (json.GetProperty("blocks").GetProperty("stored").GetInt32(), json.GetProperty("blocks").GetProperty("exists").GetInt32()));

        var info = JsonDocument.Parse((await LegionProgram.RunAsync("lake", "info", "--lake", lake.Folder, "--json")).Output).RootElement;
        Assert.Equal((2, 4), (info.GetProperty("processes").GetInt32(), info.GetProperty("blocks").GetInt32()));
    }

    [Fact]
    public async Task FourProgramsAtOnceImportTheSameAndTheirOwn()
    {
        const int Programs = 4;
        var shared = recording.Batch(recording.Blocks(8)).ToArray();
        var files = new List<string>();
        for (var i = 0; i < Programs; i++) files.Add(await FileAsync([.. Enumerable.Range(0, 8).Select(_ => recording.Batch(recording.Block()).ToArray()), shared]));

        var outcomes = await Task.WhenAll(files.Select(file => LegionProgram.RunAsync("import", file, "--lake", lake.Folder, "--json")));

        Assert.All(outcomes, outcome => Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode)));
        long Sum(string code) => outcomes.Sum(outcome => JsonDocument.Parse(outcome.Output).RootElement.GetProperty("blocks").GetProperty(code).GetInt64());
        Assert.Equal((Programs * 8 + 8, (Programs - 1) * 8), (Sum("stored"), Sum("exists")));

        var rows = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(Programs * 8 + 8, rows.Select(row => row.BlockId).Distinct().Count());
        var version = Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Version;
        Assert.Equal(Enumerable.Range(1, (int)version).Select(arrival => (long)arrival), rows.Select(row => row.Arrival).Distinct().Order());
    }

    [Fact]
    public async Task WithoutTheOptionTheLakeComesFromTheEnvironmentOrTheUsersDataFolder()
    {
        var file = await FileAsync(recording.Batch(recording.Block()).ToArray());
        var (named, data) = (Path.Combine(lake.Folder, "named"), Path.Combine(lake.Folder, "data"));

        Assert.Equal(0, (await LegionProgram.RunAsync([("LEGION_LAKE", named), ("XDG_DATA_HOME", data)], "import", file)).ExitCode);
        Assert.Equal(0, (await LegionProgram.RunAsync([("XDG_DATA_HOME", data)], "import", file)).ExitCode);

        foreach (var folder in (string[])[named, Path.Combine(data, "legion", "lake")])
            Assert.Single(await LakeStore.Open(LakeLocation.Parse(folder)).Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Equal(2, (await LegionProgram.RunAsync([("LEGION_CATALOG", "mysql://host/db")], "lake", "info")).ExitCode);
    }

    [Fact]
    public async Task ARecordingThatWasCutOffIsImportedUpToThere()
    {
        var whole = recording.Batch(recording.Blocks(2)).ToArray();
        var outcome = await LegionProgram.RunAsync("import", await FileAsync(whole, whole[..^5]), "--lake", lake.Folder);

        Assert.Equal((1, $"{recording.ProcessId}\n"), (outcome.ExitCode, outcome.Output));
        Assert.Contains($"at byte {whole.Length}", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Count);
    }

    [Fact]
    public async Task AFileThatIsNoRecordingIsRefused()
    {
        var outcome = await LegionProgram.RunAsync("import", await FileAsync("PAR1 and more text"u8.ToArray()), "--lake", lake.Folder);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("expected a .legion recording", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortInUseIsNamed()
    {
        using var service = await ServedLake.StartAsync(lake.Folder);
        var outcome = await LegionProgram.RunAsync("serve", "--lake", lake.Folder, "--urls", service.Url.ToString());
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("the port is in use", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANameThatLeadsToThisMachineIsNotServed()
    {
        using var service = await ServedLake.StartAsync(lake.Folder);
        using var client = new HttpClient { BaseAddress = service.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/health");
        request.Headers.Host = "attacker.example";

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.SendAsync(request, Cancellation)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("/v1/health", Cancellation)).StatusCode);
    }

    public void Dispose() => lake.Dispose();

    async Task<string> FileAsync(params IEnumerable<byte[]> batches)
    {
        var file = Path.Combine(lake.Folder, Guid.NewGuid().ToString("N") + ".legion");
        await File.WriteAllBytesAsync(file, batches.SelectMany(batch => batch).ToArray(), Cancellation);
        return file;
    }
}
