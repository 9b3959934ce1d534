using System.Globalization;
using Legion.Sdk;
using Legion.Victim;

// Records until it dies of the cause it was given. What its threads have recorded they say, event by event, in a file that outlives them.
// Arguments: endpoint, spool folder, progress file, threads, cause, milliseconds until then, seed.
if (args is ["hot-path"])
{
    HotPath.Run();
    return;
}
var (endpoint, spool, progressFile) = (new Uri(args[0]), args[1], args[2]);
var threads = int.Parse(args[3], CultureInfo.InvariantCulture);
var cause = Enum.Parse<Cause>(args[4]);
var delay = TimeSpan.FromMilliseconds(int.Parse(args[5], CultureInfo.InvariantCulture));
var random = new Random(int.Parse(args[6], CultureInfo.InvariantCulture));

var recording = Telemetry.Start(new TelemetryOptions
{
    Endpoint = endpoint,
    Spool = spool,
    MemoryBytes = 32 << 20,
    BlockBytes = 16 << 10,
    BlockAge = TimeSpan.FromMilliseconds(random.Next(20, 300)),
    PassInterval = TimeSpan.FromMilliseconds(random.Next(1, 50)),
    EndTimeout = TimeSpan.FromSeconds(1),
    Properties = { ["cause"] = cause.ToString() },
});
using var progress = new Progress(progressFile, threads);
for (var number = 0; number < threads; number++)
{
    var worker = new Worker(number, random.Next(), progress);
    new Thread(worker.Run) { Name = $"worker {number}", IsBackground = true }.Start();
}
Console.WriteLine(recording.ProcessId);
Thread.Sleep(delay);
Death.Of(cause, random, recording);
