using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Sdk;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

[Collection(SdkCollection.Name)]
public sealed class KeysCommandTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task AProgramRecordsWithAKeyAndItsTenantLooksWithAnother()
    {
        var (ingest, read, elsewhere) = (await NewKeyAsync("--role", "ingest", "--tenant", "shop"), await NewKeyAsync("--role", "read", "--tenant", "shop"), await NewKeyAsync("--role", "read"));
        using var service = await ServedLake.StartAsync(lake.Folder, "--auth");
        using (var recording = Telemetry.Start(new TelemetryOptions { Endpoint = service.Url, ApiKey = ingest, Spool = null }))
        {
            Telemetry.Log(Level.Info, "one line");
            Assert.True(recording.Flush(TimeSpan.FromSeconds(60)));
            var listed = await ListAsync(service, read);
            Assert.Equal(recording.ProcessId, Assert.Single(listed.EnumerateArray()).GetProperty("process_id").GetGuid());
        }
        Assert.Empty((await ListAsync(service, elsewhere)).EnumerateArray());
        Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(new Tenant("shop"), null, Cancellation));
        Assert.Empty(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
    }

    [Fact]
    public async Task KeysAreMadeListedAndRevoked()
    {
        var key = await NewKeyAsync("--role", "admin", "--name", "ada", "--expires", "90d");
        var id = key.Split('_')[1];
        var listed = Assert.Single((await JsonAsync("keys", "list", "--json")).EnumerateArray());
        Assert.Equal((id, "default", "admin", "good", "ada"), (Text(listed, "key_id"), Text(listed, "tenant"), Text(listed, "role"), Text(listed, "state"), Text(listed, "name")));

        Assert.Equal(0, (await RunAsync("keys", "revoke", id)).ExitCode);
        Assert.Equal("revoked", Text(Assert.Single((await JsonAsync("keys", "list", "--json")).EnumerateArray()), "state"));
        Assert.Equal(["key.create", "key.revoke"], (await JsonAsync("keys", "list", "--audit", "--json")).EnumerateArray().Select(row => Text(row, "action")));
        var table = await RunAsync("keys", "list");
        Assert.StartsWith("key_id", table.Output);
        Assert.DoesNotContain(key[^64..], table.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "other machines could reach it, and the lake has no key", "serve", "--urls", "http://0.0.0.0:0")]
    [InlineData(2, "other machines could reach it, and the lake has no key", "serve", "--urls", "http://127.0.0.1:0;http://[::]:0", "--auth")]
    [InlineData(2, "contradict each other", "serve", "--auth", "--no-auth")]
    [InlineData(2, "expected localhost or an address", "serve", "--urls", "http://example.com:9020", "--no-auth")]
    [InlineData(2, "as a tenant", "keys", "create", "--role", "read", "--tenant", "../up")]
    [InlineData(2, "as --expires", "keys", "create", "--role", "read", "--expires", "soon")]
    [InlineData(2, "--role", "keys", "create")]
    [InlineData(3, "there is no key of this id", "keys", "revoke", "0123")]
    public async Task AFailureIsOneSentenceAndAnExitCode(int exitCode, string says, params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyThatIsNoLongerGoodDoesNotCountForServingOthers()
    {
        var key = await NewKeyAsync("--role", "admin");
        Assert.Equal(0, (await RunAsync("keys", "revoke", key.Split('_')[1])).ExitCode);
        Assert.Equal(2, (await RunAsync("serve", "--urls", "http://0.0.0.0:0")).ExitCode);
    }

    [Fact]
    public async Task CommandsNeedAKeyOfRoleAdminWhereKeysAreNeeded()
    {
        var file = Path.Combine(lake.Folder, "key.pem");
        Assert.Equal(0, (await LegionProgram.RunAsync("verbosity", "--new-key", file)).ExitCode);
        var (read, admin) = (await NewKeyAsync("--role", "read"), await NewKeyAsync("--role", "admin"));
        using var service = await ServedLake.StartAsync(lake.Folder, "--auth");
        string[] arguments = ["verbosity", Guid.CreateVersion7().ToString(), "debug", "--ttl", "1m", "--url", service.Url.ToString(), "--key", file];
        foreach (var (key, exitCode, says) in ((string, int, string)[])[("", 1, "needs a key of role admin (status 401)"), (read, 1, "needs a key of role admin (status 403)"), (admin, 3, "no living process")])
        {
            var outcome = await LegionProgram.RunAsync([("LEGION_API_KEY", key)], arguments);
            Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
            Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("lgn_", outcome.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("no key is needed, as only this machine is served")]
    [InlineData("no key is needed, as only this machine is served", "--no-auth")]
    public async Task ServingWithoutKeysIsSaid(string says, params string[] options)
    {
        using var process = LegionProgram.Start(["serve", "--lake", lake.Folder, "--urls", "http://127.0.0.1:0", .. options]);
        try
        {
            Assert.StartsWith("listening on http://127.0.0.1:", await process.StandardOutput.ReadLineAsync(Cancellation));
            Assert.Equal(says, await process.StandardOutput.ReadLineAsync(Cancellation));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancellation);
        }
    }

    static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    Task<LegionProgram.Outcome> RunAsync(params IEnumerable<string> arguments) => LegionProgram.RunAsync([.. arguments, "--lake", lake.Folder]);

    async Task<string> NewKeyAsync(params IEnumerable<string> arguments)
    {
        var outcome = await RunAsync(["keys", "create", .. arguments]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Output.Trim();
    }

    async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments) => JsonDocument.Parse((await RunAsync(arguments)).Output).RootElement;

    static async Task<JsonElement> ListAsync(ServedLake service, string key)
    {
        using var client = new HttpClient { BaseAddress = service.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return JsonDocument.Parse(await client.GetByteArrayAsync("/api/processes", Cancellation)).RootElement.GetProperty("processes");
    }
}
