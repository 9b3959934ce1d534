using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>A lake with one generated process, in a folder of its own.</summary>
sealed class GeneratedLake : IDisposable
{
    readonly bool isKept;

    /// <param name="folder">Where it stays, and is taken from where a run before has made it; null for one that goes with this.</param>
    public GeneratedLake(long spans, int threads = 4, string? folder = null, long logs = 0)
    {
        isKept = folder is not null;
        Folder = folder ?? Directory.CreateTempSubdirectory("legion-bench-").FullName;
        Store = LakeStore.OpenOrCreate(LakeLocation.Parse(Folder));
        Lake = new Lake(Store);
        var append = new BlockAppend(Store, TimeProvider.System);
        ProcessId = Find(2 * spans + logs) ?? LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = spans, Logs = logs, Threads = threads, Seed = 7 },
            batch => append.AppendAsync(Tenant.Default, Batch.Read(batch), default)).GetAwaiter().GetResult().Single();
    }

    public string Folder { get; }
    public LakeStore Store { get; }
    public Lake Lake { get; }
    public Guid ProcessId { get; }

    public string Temporary(string name) => Path.Combine(Folder, name);

    public void DropPartitions()
    {
        foreach (var path in Store.Catalog.DropPartitionsAsync(Tenant.Default, null, null, default).GetAwaiter().GetResult()) Store.Objects.DeleteAsync(path, default).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        if (!isKept) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The process of so many events; null where there is none, or its generation was broken off.</summary>
    Guid? Find(long events) => Store.Catalog.ReadProcessesAsync(Tenant.Default, null, default).GetAwaiter().GetResult()
        .FirstOrDefault(process => process.EndNs is not null && Events(process.ProcessId) == events)?.ProcessId;

    long Events(Guid process) => Store.Catalog.ReadBlocksAsync(Tenant.Default, [process], default).GetAwaiter().GetResult().Sum(block => (long)block.Events);
}
