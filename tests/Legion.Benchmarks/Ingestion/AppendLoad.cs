using System.Collections.Concurrent;
using System.Diagnostics;

namespace Legion.Benchmarks.Ingestion;

/// <summary>What came of some load.</summary>
/// <param name="Taken">Milliseconds of each batch that was acknowledged.</param>
/// <param name="Refused">Milliseconds of each that was refused with 429 or 503.</param>
/// <param name="Blocks">Blocks that were acknowledged as stored.</param>
sealed record LoadOutcome(double Seconds, double[] Taken, double[] Refused, long Blocks)
{
    public double PerSecond => Taken.Length / Seconds;

    public static double Percentile(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}

/// <summary>Clients that send prepared batches, each over a connection of its own.</summary>
sealed class AppendLoad : IDisposable
{
    readonly AppendConnection[] connections;
    readonly PreparedBatch[] batches;

    AppendLoad(AppendConnection[] connections, PreparedBatch[] batches) => (this.connections, this.batches) = (connections, batches);

    /// <summary>Opens the connections and sends what must be there before blocks.</summary>
    public static async Task<AppendLoad> OpenAsync(Uri server, PreparedBatch[] batches, string? key = null)
    {
        var connections = new AppendConnection[batches.Length];
        for (var i = 0; i < connections.Length; i++)
        {
            connections[i] = await AppendConnection.OpenAsync(server, key);
            while ((await connections[i].SendAsync(batches[i].Registration)).Status is 429 or 503) await Task.Delay(100);
        }
        return new AppendLoad(connections, batches);
    }

    /// <summary>Each client sends its next batch as soon as the one before is answered.</summary>
    public async Task<LoadOutcome> RunClosedAsync(TimeSpan time)
    {
        var outcome = new Tally();
        await Task.WhenAll(connections.Select((connection, i) => Task.Run(async () =>
        {
            while (outcome.Elapsed < time) await SendAsync(connection, batches[i], outcome, outcome.Elapsed);
        })));
        return outcome.End();
    }

    /// <summary>
    /// Batches come at a rate whatever the server does. One waits for a client that is free, and its time begins when it was due:
    /// what a slow answer does to those behind it is counted.
    /// </summary>
    public async Task<LoadOutcome> RunOpenAsync(TimeSpan time, double perSecond)
    {
        var outcome = new Tally();
        var due = 0L;
        await Task.WhenAll(connections.Select((connection, i) => Task.Run(async () =>
        {
            while (true)
            {
                var at = TimeSpan.FromSeconds((Interlocked.Increment(ref due) - 1) / perSecond);
                if (at >= time) return;
                var early = at - outcome.Elapsed;
                if (early > TimeSpan.FromMilliseconds(1)) await Task.Delay(early);
                await SendAsync(connection, batches[i], outcome, at);
            }
        })));
        return outcome.End();
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection.Dispose();
    }

    static async Task SendAsync(AppendConnection connection, PreparedBatch batch, Tally outcome, TimeSpan due)
    {
        batch.Renew();
        var begin = TimeSpan.FromTicks(Math.Max(due.Ticks, outcome.Elapsed.Ticks));
        var (status, stored) = await connection.SendAsync(batch.Bytes);
        var now = outcome.Elapsed;
        switch (status)
        {
            case 200 when stored == batch.Blocks || stored == 0: outcome.Take((now - due).TotalMilliseconds, stored); break;
            // A refusal's own time: how long the one before it took is not its.
            case 429 or 503: outcome.Refuse((now - begin).TotalMilliseconds); break;
            default: throw new InvalidOperationException($"expected status 200, 429 or 503 and {batch.Blocks} blocks stored, saw {status} and {stored}");
        }
    }

    sealed class Tally
    {
        readonly Stopwatch watch = Stopwatch.StartNew();
        readonly ConcurrentBag<double> taken = [], refused = [];
        long blocks;

        public TimeSpan Elapsed => watch.Elapsed;

        public void Take(double milliseconds, int stored)
        {
            taken.Add(milliseconds);
            Interlocked.Add(ref blocks, stored);
        }

        public void Refuse(double milliseconds) => refused.Add(milliseconds);

        public LoadOutcome End() => new(watch.Elapsed.TotalSeconds, [.. taken.Order()], [.. refused.Order()], blocks);
    }
}
