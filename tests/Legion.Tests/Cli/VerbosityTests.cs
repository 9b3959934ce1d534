using System.Security.Cryptography;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Sdk;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

/// <summary>From the command line to the process and back again: a real service, a real recording.</summary>
[Collection(SdkCollection.Name)]
public sealed class VerbosityTests : IDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string KeyFile => Path.Combine(lake.Folder, "key.pem");

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task DebugLogsArriveAndStopByThemselvesEvenWhenTheServiceIsGone()
    {
        var publicKey = await NewKeyAsync();
        using var service = await ServedLake.StartAsync(lake.Folder);
        using var recording = Telemetry.Start(new TelemetryOptions
        {
            Endpoint = service.Url,
            Spool = null,
            MinimumLevel = Level.Info,
            CommandKey = publicKey,
            Heartbeat = TimeSpan.FromMilliseconds(200),
            EndTimeout = TimeSpan.FromMilliseconds(100),
            Properties = { ["build"] = 1234, ["game"] = "hunt \"& run\"" },
        });
        Telemetry.Log(Level.Info, "begins");
        Assert.True(recording.Flush(patience));
        Assert.False(RecordsDebug(recording));

        var outcome = await LegionProgram.RunAsync("verbosity", "game = hunt \"& run\"", "debug", "--ttl", "4s", "--url", service.Url.ToString(), "--key", KeyFile);
        Assert.Equal((0, $"{recording.ProcessId}\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
        await UntilAsync(() => Task.FromResult(RecordsDebug(recording)));
        await UntilAsync(async () => await DebugEntriesAsync(recording.ProcessId) > 0);

        service.Kill();
        await UntilAsync(() => Task.FromResult(!RecordsDebug(recording)));
        for (var i = 0; i < 100; i++) Assert.False(RecordsDebug(recording));
    }

    [Fact]
    public async Task ProcessesAreFoundByIdFieldOrPropertyWhileTheyLive()
    {
        await NewKeyAsync();
        using var service = await ServedLake.StartAsync(lake.Folder);
        var nowNs = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        var living = Process(nowNs);
        var ended = Process(nowNs) with { EndNs = nowNs };
        var silent = Process(nowNs - 7_200_000_000_000);
        await RegisterAsync(living, ended, silent);

        foreach (var filter in (string[])["build = 1234", "build='1234'", "exe = game", living.ProcessId.ToString()])
        {
            var outcome = await VerbosityAsync(service, filter);
            Assert.Equal((0, $"{living.ProcessId}\n"), (outcome.ExitCode, outcome.Output));
        }
        Assert.Equal(4, (await lake.Store.Catalog.ReadCommandsAsync(Tenant.Default, [living.ProcessId], 0, Cancellation)).Count);
        // Whoever names one knows that it lives.
        Assert.Equal(0, (await VerbosityAsync(service, silent.ProcessId.ToString())).ExitCode);
        foreach (var filter in (string[])["build = 99", "exe = gam", ended.ProcessId.ToString(), Guid.CreateVersion7().ToString()])
        {
            var outcome = await VerbosityAsync(service, filter);
            Assert.Equal((3, ""), (outcome.ExitCode, outcome.Output));
        }
    }

    [Fact]
    public async Task ACommandSaysWhatTheOptionsSay()
    {
        var publicKey = await NewKeyAsync();
        using var service = await ServedLake.StartAsync(lake.Folder);
        var living = Process((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        await RegisterAsync(living);
        Assert.Equal(0, (await LegionProgram.RunAsync([("LEGION_COMMAND_KEY", KeyFile)],
            "verbosity", living.ProcessId.ToString(), "Trace", "--ttl", "1.5s", "--url", service.Url.ToString(), "--target", "Game.Ai", "--target", "Net", "--no-sampling")).ExitCode);

        var signed = Assert.Single(await lake.Store.Catalog.ReadCommandsAsync(Tenant.Default, [living.ProcessId], 0, Cancellation));
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        Assert.True(signed.IsSignedBy(key));
        var command = RemoteCommand.Read(signed.Payload.Span);
        Assert.Equal(new Dictionary<string, Level> { ["Game.Ai"] = Level.Trace, ["Net"] = Level.Trace }, command.Levels);
        Assert.Equal((null, false, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5)), (command.MinimumLevel, command.Sampling, command.BlockAge, command.TimeToLive));
        Assert.InRange(command.Number, 1_700_000_000_000ul, (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task ANewKeyIsItsOwnersAloneAndNeverReplacesAnother()
    {
        var publicKey = await NewKeyAsync();
        CommandKey.Read(publicKey).Dispose();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        var before = await File.ReadAllTextAsync(KeyFile, Cancellation);
        var again = await LegionProgram.RunAsync("verbosity", "--new-key", KeyFile);
        Assert.Equal((1, ""), (again.ExitCode, again.Output));
        Assert.Contains("the file exists", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(KeyFile, Cancellation));
    }

    [Theory]
    [InlineData(2, "cannot find processes by 'nonsense'", "nonsense", "debug", "--ttl", "1m")]
    [InlineData(2, "cannot use 'loud' as a level", "a=b", "loud", "--ttl", "1m")]
    [InlineData(2, "at most 15m", "a=b", "debug", "--ttl", "16m")]
    [InlineData(2, "--ttl", "a=b", "debug")]
    [InlineData(2, "LEGION_COMMAND_KEY", "a=b", "debug", "--ttl", "1m")]
    [InlineData(3, "no such file", "a=b", "debug", "--ttl", "1m", "--key", "/nowhere/key.pem")]
    [InlineData(1, "cannot reach the service", "a=b", "debug", "--ttl", "1m", "--key", "", "--url", "http://127.0.0.1:1")]
    [InlineData(2, "as a service", "a=b", "debug", "--ttl", "1m", "--key", "", "--url", "ftp://localhost")]
    public async Task AFailureIsOneSentenceAndAnExitCode(int exitCode, string says, params string[] arguments)
    {
        if (arguments.Contains("")) await NewKeyAsync();
        var outcome = await LegionProgram.RunAsync(["verbosity", .. arguments.Select(argument => argument.Length == 0 ? KeyFile : argument)]);
        Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    static bool RecordsDebug(Legion.Sdk.Recording recording)
    {
        var before = recording.Statistics.Recorded;
        Telemetry.Log(Level.Debug, "a debug line");
        Telemetry.Metric("after", 1);
        // Whether the service answers is another matter: the flusher has read the line when it has read what is behind it.
        recording.Flush(TimeSpan.FromMilliseconds(1));
        Assert.True(SpinWait.SpinUntil(() => recording.Statistics.Recorded.Metrics > before.Metrics, patience));
        return recording.Statistics.Recorded.Logs > before.Logs;
    }

    static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var deadline = DateTime.UtcNow + patience;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, "it did not come to be in time");
            await Task.Delay(20, Cancellation);
        }
    }

    async Task<string> NewKeyAsync()
    {
        var outcome = await LegionProgram.RunAsync("verbosity", "--new-key", KeyFile);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Output.Trim();
    }

    Task<LegionProgram.Outcome> VerbosityAsync(ServedLake service, string filter) =>
        LegionProgram.RunAsync("verbosity", filter, "debug", "--ttl", "1m", "--url", service.Url.ToString(), "--key", KeyFile);

    async Task<long> DebugEntriesAsync(Guid process)
    {
        using var result = await new Lake(lake.Store).QueryAsync("SELECT count(*) FROM log_entries WHERE level = 'debug' AND process_id = $process",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        return rows.Read() ? rows.Int64(0) : 0;
    }

    async Task RegisterAsync(params IEnumerable<ProcessRecord> processes)
    {
        var batch = new BatchWriter();
        foreach (var process in processes) batch.Add(process);
        await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), Cancellation);
    }

    static ProcessRecord Process(long nowNs) => new()
    {
        ProcessId = Guid.CreateVersion7(), Version = 1, Exe = "game", StartNs = nowNs, LastSeenNs = nowNs, Properties = [new Property("build", 1234)],
    };
}
