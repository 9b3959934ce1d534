namespace Legion.Benchmarks.Ingestion;

/// <summary>Two thousand sockets that each announce a batch and send a byte of it now and then.</summary>
static class Tricklers
{
    const int Sockets = 2_000, Announced = 64 << 10;
    const int Rounds = 3;
    const double GoodPerSecond = 100;

    static readonly TimeSpan run = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<BenchmarkRow>> MeasureAsync(string lake)
    {
        using var service = ServedIngestion.Serve(lake);
        using var good = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(16, 64 << 10));
        await good.RunOpenAsync(run, GoodPerSecond);
        double[] ratio = new double[Rounds], alone = new double[Rounds], refused = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            alone[round] = LoadOutcome.Percentile((await good.RunOpenAsync(run, GoodPerSecond)).Taken, 0.99);
            var slow = new List<AppendConnection>();
            for (var i = 0; i < Sockets; i++)
            {
                slow.Add(await AppendConnection.OpenAsync(service.Address));
                await slow[i].SendHeadAsync(Announced);
            }
            using var end = new CancellationTokenSource();
            var trickling = TrickleAsync(slow, end.Token);
            var beside = await good.RunOpenAsync(run, GoodPerSecond);
            await end.CancelAsync();
            await trickling;
            foreach (var connection in slow) connection.Dispose();
            ratio[round] = LoadOutcome.Percentile(beside.Taken, 0.99) / alone[round];
            refused[round] = beside.Refused.Length;
        }
        return
        [
            BenchmarkRow.Of("ingestion", "good-client-p99-beside-tricklers-over-alone", "ratio", ratio, Aim.AtMost, 2),
            BenchmarkRow.Of("ingestion", "good-client-p99-alone", "ms", alone),
            BenchmarkRow.Of("ingestion", "good-client-refused-beside-tricklers", "batches", refused, Aim.AtMost, 0),
        ];
    }

    static async Task TrickleAsync(List<AppendConnection> slow, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var connection in slow) await connection.TrickleAsync();
            await Task.Delay(1_000, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
