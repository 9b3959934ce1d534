using System.Runtime;

namespace Legion.Sdk;

/// <summary>Counters of garbage collector, compiler, thread pool, locks and exceptions. What they counted before the recording is left out.</summary>
sealed class RuntimeCounters
{
    static readonly string[] heaps = ["gen0", "gen1", "gen2", "large", "pinned"];

    readonly Growth[] collections = [.. Enumerable.Range(0, 3).Select(generation => new Growth($"runtime.gc.collections.gen{generation}", Unit.Count, Collections(generation)))];

    // An estimate: the server's collector leaves out heaps that it gives up (https://github.com/dotnet/runtime/pull/131069), and then this lags behind.
    // The exact count would stop all threads at each poll.
    readonly Growth allocated = new("runtime.gc.allocated", Unit.Bytes, GC.GetTotalAllocatedBytes());
    readonly Growth paused = new("runtime.gc.pause", Unit.Nanoseconds, Ns(GC.GetTotalPauseDuration()));
    readonly Growth methods = new("runtime.jit.methods", Unit.Count, JitInfo.GetCompiledMethodCount());
    readonly Growth compiled = new("runtime.jit.il", Unit.Bytes, JitInfo.GetCompiledILBytes());
    readonly Growth compiling = new("runtime.jit.time", Unit.Nanoseconds, Ns(JitInfo.GetCompilationTime()));
    readonly Growth completed = new("runtime.threadpool.completed", Unit.Count, ThreadPool.CompletedWorkItemCount);
    readonly Growth contentions = new("runtime.lock.contentions", Unit.Count, Monitor.LockContentionCount);
    readonly Growth exceptions = new("runtime.exceptions", Unit.Count, 0);
    readonly MetricSite heap = Site("runtime.gc.heap", Unit.Bytes);
    readonly MetricSite committed = Site("runtime.gc.committed", Unit.Bytes);
    readonly MetricSite fragmented = Site("runtime.gc.fragmented", Unit.Bytes);
    readonly MetricSite[] heapOf = [.. heaps.Select(name => Site($"runtime.gc.heap.{name}", Unit.Bytes))];
    readonly MetricSite threads = Site("runtime.threadpool.threads", Unit.Count);
    readonly MetricSite queue = Site("runtime.threadpool.queue", Unit.Count);
    readonly ThrownExceptions thrown;
    long lastCollection = -1;

    public RuntimeCounters(ThrownExceptions thrown) => this.thrown = thrown;

    public void Poll()
    {
        for (var generation = 0; generation < collections.Length; generation++) collections[generation].Record(Collections(generation));
        allocated.Record(GC.GetTotalAllocatedBytes());
        paused.Record(Ns(GC.GetTotalPauseDuration()));
        Telemetry.Metric(heap, GC.GetTotalMemory(forceFullCollection: false));
        PollHeaps();
        methods.Record(JitInfo.GetCompiledMethodCount());
        compiled.Record(JitInfo.GetCompiledILBytes());
        compiling.Record(Ns(JitInfo.GetCompilationTime()));
        Telemetry.Metric(threads, ThreadPool.ThreadCount);
        Telemetry.Metric(queue, ThreadPool.PendingWorkItemCount);
        completed.Record(ThreadPool.CompletedWorkItemCount);
        contentions.Record(Monitor.LockContentionCount);
        exceptions.Record(thrown.Count);
    }

    /// <summary>Sizes after the last collection, once for each.</summary>
    void PollHeaps()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        if (info.Index == lastCollection) return;
        lastCollection = info.Index;
        Telemetry.Metric(committed, info.TotalCommittedBytes);
        Telemetry.Metric(fragmented, info.FragmentedBytes);
        for (var i = 0; i < Math.Min(heapOf.Length, info.GenerationInfo.Length); i++) Telemetry.Metric(heapOf[i], info.GenerationInfo[i].SizeAfterBytes);
    }

    /// <summary>Collections of this generation and none above it; the runtime counts those of higher ones in.</summary>
    static long Collections(int generation) => GC.CollectionCount(generation) - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0);

    static long Ns(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    static MetricSite Site(string name, Unit unit) => new(name, "runtime", "", 0, unit);
}
