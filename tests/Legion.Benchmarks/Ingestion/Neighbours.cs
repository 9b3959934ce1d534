using Legion.Store;

namespace Legion.Benchmarks.Ingestion;

/// <summary>One tenant sends ten times what it may; another, which sends little, is not to feel it.</summary>
static class Neighbours
{
    const int Rounds = 5;
    const double QuietPerSecond = 100, NoisyQuota = 50;

    static readonly TimeSpan run = TimeSpan.FromSeconds(4);

    public static async Task<IReadOnlyList<BenchmarkRow>> MeasureAsync(string lake)
    {
        var store = LakeStore.OpenOrCreate(LakeLocation.Parse(lake));
        var (quietKey, noisyKey) = (await NewKeyAsync(store, "quiet"), await NewKeyAsync(store, "noisy"));
        using var service = ServedIngestion.Serve(lake, "--auth", "--tenant-requests", $"{2 * QuietPerSecond}", "--tenant-bytes", $"{(long)(NoisyQuota * (64 << 10))}");
        using var quiet = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(16, 64 << 10), quietKey);
        using var noisy = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(64, 64 << 10), noisyKey);
        await quiet.RunOpenAsync(run, QuietPerSecond / 4);

        double[] ratio = new double[Rounds], alone = new double[Rounds], refused = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var before = await quiet.RunOpenAsync(run, QuietPerSecond / 4);
            var noise = noisy.RunOpenAsync(run, 10 * NoisyQuota);
            var beside = await quiet.RunOpenAsync(run, QuietPerSecond / 4);
            refused[round] = LoadOutcome.Percentile((await noise).Refused, 0.99);
            alone[round] = LoadOutcome.Percentile(before.Taken, 0.99);
            ratio[round] = LoadOutcome.Percentile(beside.Taken, 0.99) / alone[round];
        }
        return
        [
            BenchmarkRow.Of("ingestion", "quiet-tenant-p99-beside-noisy-over-alone", "ratio", ratio, Aim.AtMost, 1.1),
            BenchmarkRow.Of("ingestion", "quiet-tenant-p99-alone", "ms", alone),
            BenchmarkRow.Of("ingestion", "noisy-tenant-refusal-p99", "ms", refused, Aim.AtMost, 50),
        ];
    }

    static async Task<string> NewKeyAsync(LakeStore store, string tenant)
    {
        var key = ApiKey.Create();
        var nowNs = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        await store.Catalog.AddKeyAsync(new KeyRow { KeyId = key.Id, Tenant = new Tenant(tenant), Role = KeyRole.Ingest, Hash = key.Hash(), Name = tenant, CreatedNs = nowNs, ExpiresNs = null }, "bench", default);
        return key.Reveal();
    }
}
