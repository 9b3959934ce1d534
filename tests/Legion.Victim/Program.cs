using System.Globalization;
using Legion.Sdk;
using Legion.Victim;

// Records until it dies of the cause it was given. What its threads have recorded they say, event by event, in a file that outlives them.
// Arguments: endpoint, spool folder, progress file, threads, cause, milliseconds until then, seed, milliseconds between a thread's steps, MiB of memory, MiB of spool.
if (args is ["hot-path"])
{
    HotPath.Run();
    return;
}
if (!OperatingSystem.IsWindows() && args is ["guest", var guestOf, var folder, var adversity, var isAtStart, var hasSpool, var endsInTime])
{
    Guest.Run(new Uri(guestOf), folder, Enum.Parse<Adversity>(adversity), bool.Parse(isAtStart), bool.Parse(hasSpool), bool.Parse(endsInTime));
    return;
}
if (args is ["busy-pool", var server, var spoolOf, var events])
{
    BusyPool.Run(new Uri(server), spoolOf, int.Parse(events, CultureInfo.InvariantCulture));
    return;
}
if (args is ["ingestion", var lake, var step])
{
    await DyingIngestion.RunAsync(lake, int.Parse(step, CultureInfo.InvariantCulture));
    return;
}
var (endpoint, spool, progressFile) = (new Uri(args[0]), args[1], args[2]);
var threads = int.Parse(args[3], CultureInfo.InvariantCulture);
var cause = Enum.Parse<Cause>(args[4]);
var delay = TimeSpan.FromMilliseconds(int.Parse(args[5], CultureInfo.InvariantCulture));
var random = new Random(int.Parse(args[6], CultureInfo.InvariantCulture));
var (pauseMs, memory, spoolBytes) = (int.Parse(args[7], CultureInfo.InvariantCulture), long.Parse(args[8], CultureInfo.InvariantCulture), long.Parse(args[9], CultureInfo.InvariantCulture));

var recording = Telemetry.Start(new TelemetryOptions
{
    Endpoint = endpoint,
    Spool = spool,
    MemoryBytes = memory << 20,
    SpoolBytes = spoolBytes << 20,
    BlockBytes = 16 << 10,
    BlockAge = TimeSpan.FromMilliseconds(random.Next(20, 300)),
    PassInterval = TimeSpan.FromMilliseconds(random.Next(1, 50)),
    EndTimeout = TimeSpan.FromSeconds(1),
    SelfLog = Console.Error.WriteLine,
    Properties = { ["cause"] = cause.ToString() },
});
using var progress = new Progress(progressFile, threads);
var workers = Enumerable.Range(0, threads).Select(number => new Worker(number, random.Next(), pauseMs, progress)).ToArray();
var running = workers.Select((worker, number) => new Thread(worker.Run) { Name = $"worker {number}", IsBackground = true }).ToArray();
foreach (var thread in running) thread.Start();
Console.WriteLine(recording.ProcessId);
Thread.Sleep(delay);
if (cause is Cause.Exit or Cause.KillAtRest)
{
    foreach (var worker in workers) worker.Stop();
    foreach (var thread in running) thread.Join();
}
Death.Of(cause, random, recording);
