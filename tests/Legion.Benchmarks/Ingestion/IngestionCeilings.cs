using System.Diagnostics;
using Legion.Format;
using Legion.Store;

namespace Legion.Benchmarks.Ingestion;

/// <summary>What ingestion cannot be faster than on this machine: each in batches a second, measured between the runs of ingestion itself.</summary>
static class IngestionCeilings
{
    /// <summary>As many batches as clients send at once are written to one file, then written through together.</summary>
    public static double Disk(string folder, PreparedBatch[] group, TimeSpan time)
    {
        var path = Path.Combine(folder, "ceiling");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var watch = Stopwatch.StartNew();
        var (batches, at) = (0L, 0L);
        while (watch.Elapsed < time)
        {
            foreach (var batch in group)
            {
                RandomAccess.Write(file, batch.Bytes, at);
                at += batch.Bytes.Length;
            }
            Posix.SyncData(file, path);
            batches += group.Length;
        }
        var seconds = watch.Elapsed.TotalSeconds;
        File.Delete(path);
        return batches / seconds;
    }

    /// <summary>The rows of each batch, without anything of its payload, by as many writers as there are clients.</summary>
    public static async Task<double> CatalogAsync(string folder, PreparedBatch[] group, TimeSpan time)
    {
        var lake = LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
        foreach (var batch in group) await new BlockAppend(lake, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.Registration), default);
        var batches = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(group.Select(batch => Task.Run(async () =>
        {
            var blocks = Batch.Read(batch.Bytes).Select((item, i) => BlockCandidate.Read(item.Bytes).Row("", (long)i << 16)).ToList();
            var first = blocks[0];
            var day = (int)((DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerDay);
            while (watch.Elapsed < time)
            {
                var key = StoreNames.BlocksObject(day, Tenant.Default, first.Class, first.ProcessId, Guid.CreateVersion7());
                var rows = blocks.ConvertAll(block => block with { BlockId = Guid.CreateVersion7(), ObjectKey = key });
                await lake.Catalog.InsertBlocksAsync(Tenant.Default, [new NewObject(key, batch.Bytes.Length, day, first.Class, first.ProcessId, rows)], default);
                Interlocked.Increment(ref batches);
            }
        })));
        return batches / watch.Elapsed.TotalSeconds;
    }
}
