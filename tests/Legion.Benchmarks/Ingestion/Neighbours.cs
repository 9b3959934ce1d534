using Legion.Store;

namespace Legion.Benchmarks.Ingestion;

/// <summary>One tenant sends ten times what it may; another, which sends little, is not to feel it.</summary>
static class Neighbours
{
    /// <summary>In turns, alone and beside the noise; the figure is of all of them together, as one alone has few requests beyond its 99th percentile.</summary>
    const int Rounds = 5;
    const double QuietPerSecond = 25, NoisyQuota = 50;

    static readonly TimeSpan run = TimeSpan.FromSeconds(8);

    /// <summary>What a tenant that was silent may exceed its rates by is used up then.</summary>
    static readonly TimeSpan burst = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<BenchmarkRow>> MeasureAsync(string lake)
    {
        var store = LakeStore.OpenOrCreate(LakeLocation.Parse(lake));
        var (quietKey, noisyKey) = (await NewKeyAsync(store, "quiet"), await NewKeyAsync(store, "noisy"));
        using var service = ServedIngestion.Serve(lake, "--auth", "--tenant-requests", $"{4 * NoisyQuota}", "--tenant-bytes", $"{(long)(NoisyQuota * (64 << 10))}");
        using var quiet = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(16, 64 << 10), quietKey);
        using var noisy = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(64, 64 << 10), noisyKey);
        await quiet.RunOpenAsync(2 * run, QuietPerSecond);

        List<double> alone = [], beside = [], refused = [];
        for (var round = 0; round < Rounds; round++)
        {
            alone.AddRange((await quiet.RunOpenAsync(run, QuietPerSecond)).Taken);
            var noise = noisy.RunOpenAsync(burst + run, 10 * NoisyQuota);
            await Task.Delay(burst);
            beside.AddRange((await quiet.RunOpenAsync(run, QuietPerSecond)).Taken);
            refused.AddRange((await noise).Refused);
        }
        var undisturbed = P99(alone);
        return
        [
            BenchmarkRow.Of("ingestion", "quiet-tenant-p99-beside-noisy-over-alone", "ratio", [P99(beside) / undisturbed], Aim.AtMost, 1.1),
            BenchmarkRow.Of("ingestion", "quiet-tenant-p99-alone", "ms", [undisturbed]),
            BenchmarkRow.Of("ingestion", "noisy-tenant-refusal-p99", "ms", [P99(refused)], Aim.AtMost, 50),
        ];
    }

    static double P99(List<double> milliseconds) => LoadOutcome.Percentile([.. milliseconds.Order()], 0.99);

    static async Task<string> NewKeyAsync(LakeStore store, string tenant)
    {
        var key = ApiKey.Create();
        var nowNs = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        await store.Catalog.AddKeyAsync(new KeyRow { KeyId = key.Id, Tenant = new Tenant(tenant), Role = KeyRole.Ingest, Hash = key.Hash(), Name = tenant, CreatedNs = nowNs, ExpiresNs = null }, "bench", default);
        return key.Reveal();
    }
}
