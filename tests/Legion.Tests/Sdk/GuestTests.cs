using System.Collections.Concurrent;
using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;
using Recording = Legion.Sdk.Recording;

namespace Legion.Tests.Sdk;

/// <summary>A recording is a guest of the program: whatever disk and network do, no exception gets out, nothing grows beyond its cap, and what is lost is counted.</summary>
[Collection(SdkCollection.Name)]
public sealed class GuestTests : IngestionTest
{
    const int Events = 20_000;

    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    [Fact]
    public void APlainServerThatIsCalledWithTlsIsOneThatIsAway()
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = new Uri($"https://127.0.0.1:{Server.Url.Port}"), Spool = null, EndTimeout = TimeSpan.FromMilliseconds(100) });
        Record(recording);
        recording.Dispose();
        Assert.Equal((Events, 0), (recording.Statistics.Recorded.Total, recording.Statistics.Sink.StoredEvents));
    }

    [Theory]
    [InlineData("below a file")]
    [InlineData("/proc/nowhere")]
    [InlineData("/proc/self/mem")]
    public async Task WithoutAPlaceForASpoolItRecordsInMemoryAlone(string place)
    {
        var file = Path.Combine(Folder, "file");
        await File.WriteAllTextAsync(file, "no folder", Cancellation);
        await AssertAllArrivesAsync(place.StartsWith('/') ? place : Path.Combine(file, place), () => { });
    }

    [Fact]
    public async Task AFullDiskLosesNothingThatMemoryHolds()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "needs a file system of its own");
        var disk = Directory.CreateDirectory(Path.Combine(Folder, "disk")).FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=6m", "none", disk);
        try
        {
            // Of 6 MiB the segments take 4 and the stuffing the rest.
            await AssertAllArrivesAsync(Path.Combine(disk, "spool"), () => Fill(Path.Combine(disk, "stuffing")));
            await AssertAllArrivesAsync(Path.Combine(disk, "spool"), () => { });
            Run("mount", "-o", "remount,ro", disk);
            await AssertAllArrivesAsync(Path.Combine(disk, "spool"), () => { });
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public void AFileThatCannotBeWrittenIsNoReasonToThrow()
    {
        var reports = new ConcurrentQueue<string>();
        using var recording = Telemetry.Start(new TelemetryOptions { File = Path.Combine(Folder, "no", "such", "folder.legion"), SelfLog = reports.Enqueue });
        Record(recording);
        recording.Dispose();
        Assert.Equal((Events, 0), (recording.Statistics.Recorded.Total, recording.Statistics.Sink.StoredEvents));
        Assert.Contains(reports, report => report.StartsWith("cannot write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AStarvedPoolOfThreadsDoesNotKeepBlocksFromTheServer()
    {
        using var service = await Cli.ServedLake.StartAsync(Server.Folder, "--role", "ingestion");
        using var process = Process.Start(new ProcessStartInfo(VictimProgram.Executable, ["busy-pool", service.Url.AbsoluteUri, Path.Combine(Folder, "spool"), $"{Events}"]) { RedirectStandardOutput = true })!;
        Assert.Equal($"True {Events} False", await process.StandardOutput.ReadLineAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Records with the server away, lets something happen, records on, and lets the server come back.</summary>
    async Task AssertAllArrivesAsync(string spool, Action happen)
    {
        await using var proxy = new FaultProxy(Server.Url) { IsAway = true };
        using var recording = Telemetry.Start(new TelemetryOptions
        {
            Endpoint = proxy.Url, Spool = spool, MemoryBytes = 4 << 20, BlockBytes = 16 << 10, PassInterval = TimeSpan.FromMilliseconds(5), EndTimeout = enough,
        });
        Record(recording);
        happen();
        Record(recording);
        proxy.IsAway = false;
        recording.Dispose();
        var stored = await StoredProcess.ReadAsync(Server.Lake, recording.ProcessId, Cancellation);
        Assert.Equal((2 * Events, 0), (stored.Events, stored.LostEvents));
    }

    static void Record(Recording recording)
    {
        for (var number = 0; number < Events; number++) Telemetry.Metric("number", number * 0.7);
        // That the server does not have it is no matter: it is in blocks then.
        recording.Flush(TimeSpan.FromMilliseconds(1));
        Assert.True(SpinWait.SpinUntil(() => (recording.Statistics.Recorded.Total + recording.Statistics.Dropped.Total) % Events == 0, enough), "the flusher does not go on");
    }

    static void Fill(string path)
    {
        using var file = File.Create(path);
        try
        {
            while (true) file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
