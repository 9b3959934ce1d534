using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>A lake with one generated process, in a folder of its own that goes with it.</summary>
sealed class GeneratedLake : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;

    public GeneratedLake(long spans, int threads = 4)
    {
        Store = LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
        var append = new BlockAppend(Store, TimeProvider.System);
        ProcessId = LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = spans, Threads = threads, Seed = 7 }, batch => append.AppendAsync(Tenant.Default, Batch.Read(batch), default)).GetAwaiter().GetResult().Single();
        Lake = new Lake(Store);
    }

    public string Folder => folder;
    public LakeStore Store { get; }
    public Lake Lake { get; }
    public Guid ProcessId { get; }

    public string Temporary(string name) => Path.Combine(folder, name);

    public void DropPartitions()
    {
        foreach (var path in Store.Catalog.DropPartitionsAsync(Tenant.Default, null, null, default).GetAwaiter().GetResult()) Store.Objects.DeleteAsync(path, default).GetAwaiter().GetResult();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
