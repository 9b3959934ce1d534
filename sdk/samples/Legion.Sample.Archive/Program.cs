using Legion.Format;
using Legion.Sample.Archive;
using Legion.Sdk;

SampleOptions options;
try
{
    options = SampleOptions.Parse(args);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}; {SampleOptions.Usage}");
    return 2;
}

var recording = Telemetry.Start(new TelemetryOptions
{
    File = options.Out,
    Endpoint = options.Url,
    Properties = { ["build"] = "1.4.2", ["branch"] = "main", ["sample"] = "archive" },
    EndTimeout = TimeSpan.FromSeconds(30),
    SelfLog = sentence => Console.Error.WriteLine("legion: " + sentence),
});

using var end = new CancellationTokenSource(TimeSpan.FromSeconds(options.Seconds));
var progress = new ArchiveProgress();
var archiver = new Archiver(options.Files, progress);
var frames = new FrameLoop(progress);

Thread[] threads =
[
    Start("frame loop", () => frames.Run(end.Token)),
    Start("finder", () => archiver.Find(end.Token)),
    .. Enumerable.Range(1, Math.Clamp(Environment.ProcessorCount, 2, 8)).Select(number => Start($"worker {number}", () => archiver.Work(end.Token))),
    Start("warm-up", WarmUp),
];
foreach (var thread in threads) thread.Join();

Telemetry.Log(Level.Info, $"packed {progress.Files} files, {progress.BytesRead} to {progress.BytesPacked} bytes");
Tally.Log(Level.Info);
Tally.AddUp();
recording.Dispose();
var dropped = recording.Statistics.Dropped.Total + recording.Statistics.Sink.DroppedEvents;
Console.WriteLine(Tally.ToJson(recording.ProcessId, dropped));
return 0;

static Thread Start(string name, Action work)
{
    var thread = new Thread(() =>
    {
        work();
        Tally.AddUp();
    }) { Name = name };
    thread.Start();
    return thread;
}

// A thread that is gone long before the recording ends.
static void WarmUp()
{
    using var span = Telemetry.Span("warm up");
    Tally.Span();
    Telemetry.Log(Level.Info, $"warm-up on {Environment.ProcessorCount} processors, {"this thread ends early"}");
    Tally.Log(Level.Info);
}
