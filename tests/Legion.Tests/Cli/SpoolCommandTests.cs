using Legion.Tests.Sdk;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

/// <summary><c>legion spool send</c>: what a killed program left behind is in the lake, once, however often the command runs.</summary>
public sealed class SpoolCommandTests : IDisposable
{
    static readonly Uri nowhere = new("http://127.0.0.1:9");

    readonly TemporaryLake lake = new();
    readonly string spool = Directory.CreateTempSubdirectory("legion-spool-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatAKilledProgramLeftIsSentOnce()
    {
        var died = await VictimProgram.RunAsync(nowhere, spool, new VictimLife("KillAtRest", Milliseconds: 300, Seed: 5, PauseMs: 1), Cancellation);
        using (var service = await ServedLake.StartAsync(lake.Folder, "--role", "ingestion"))
        {
            var outcome = await LegionProgram.RunAsync("spool", "send", spool, "--url", service.Url.AbsoluteUri);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.Matches($"^sent 1 processes, [0-9]+ blocks, {died.Told.Sum()} events, [0-9]+ bytes\n$", outcome.Output);

            var again = await LegionProgram.RunAsync("spool", "send", spool, "--url", service.Url.AbsoluteUri);
            Assert.Equal((0, "sent 0 processes, 0 blocks, 0 events, 0 bytes\n"), (again.ExitCode, again.Output));
        }
        var stored = await StoredProcess.ReadAsync(lake.Store, died.ProcessId, Cancellation);
        Assert.Equal(died.Told.Sum(), stored.Events);
        Assert.Equal("vanished", stored.Row.EndReason);
    }

    [Fact]
    public async Task WithoutAServerAllStaysAndTheCommandFails()
    {
        await VictimProgram.RunAsync(nowhere, spool, new VictimLife("KillAtRest", Milliseconds: 100, Seed: 6, PauseMs: 1), Cancellation);
        var outcome = await LegionProgram.RunAsync("spool", "send", spool, "--url", nowhere.AbsoluteUri);
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"legion: cannot send what is left in '{spool}' to {nowhere}: cannot post to", Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Assert.Single(Directory.GetDirectories(spool)), "*.block.legion"));
    }

    [Fact]
    public async Task WhatIsNoSpoolIsNotFound()
    {
        await File.WriteAllTextAsync(Path.Combine(spool, "letter.txt"), "to nobody", Cancellation);
        var other = await LegionProgram.RunAsync("spool", "send", spool, "--url", nowhere.AbsoluteUri);
        Assert.Equal((3, ""), (other.ExitCode, other.Output));
        Assert.Contains("it is no spool", other.Error, StringComparison.Ordinal);

        var none = await LegionProgram.RunAsync("spool", "send", Path.Combine(spool, "nothing"));
        Assert.Equal((3, ""), (none.ExitCode, none.Output));
        Assert.Contains("no such folder", none.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        lake.Dispose();
        Directory.Delete(spool, recursive: true);
    }
}
