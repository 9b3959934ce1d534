using Legion.Sample.Archive;

namespace Legion.Benchmarks;

/// <summary>The threads of a real program: the sample's own code.</summary>
static class SampleRun
{
    /// <summary>Runs them until they are told to end.</summary>
    public static void UntilEnd(CancellationToken end)
    {
        var progress = new ArchiveProgress();
        var archiver = new Archiver(Path.GetDirectoryName(typeof(object).Assembly.Location)!, progress);
        var frames = new FrameLoop(progress);
        Thread[] threads = [Start(() => frames.Run(end)), Start(() => archiver.Find(end)), Start(() => archiver.Work(end)), Start(() => archiver.Work(end))];
        foreach (var thread in threads) thread.Join();
    }

    static Thread Start(Action work)
    {
        var thread = new Thread(() => work());
        thread.Start();
        return thread;
    }
}
