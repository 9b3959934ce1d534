using Legion.Format;
using Legion.Sdk;

namespace Legion.Cli.Generate;

/// <summary>
/// Makes load through the real encoder: processes of exactly so many spans and log entries, whose names, nesting and times follow from the seed.
/// Ids are new each time. One tick is one nanosecond. Memory stays at a block a stream.
/// </summary>
public static class LoadGenerator
{
    /// <summary>Bytes of blocks to put into a batch.</summary>
    const int BatchBytes = 1 << 20;

    /// <summary>Gives the batches of each process, one after the other, to <paramref name="take"/>.</summary>
    /// <returns>The ids of the processes, in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of the load makes no sense.</exception>
    public static async Task<IReadOnlyList<Guid>> GenerateAsync(GeneratedLoad load, Func<byte[], Task> take, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(load.Spans);
        ArgumentOutOfRangeException.ThrowIfNegative(load.Logs);
        ArgumentOutOfRangeException.ThrowIfLessThan(load.Processes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(load.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(load.Depth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(load.BlockBytes, 1024);
        var processes = new List<Guid>();
        for (var number = 0; number < load.Processes; number++)
        {
            var process = Guid.CreateVersion7();
            processes.Add(process);
            await GenerateProcessAsync(load, process, number, take, cancellation).ConfigureAwait(false);
        }
        return processes;
    }

    static async Task GenerateProcessAsync(GeneratedLoad load, Guid process, int number, Func<byte[], Task> take, CancellationToken cancellation)
    {
        var streams = Enumerable.Range(0, load.Threads).Select(IGeneratedStream (thread) => new GeneratedThread(load, process, number, thread)).Append(new GeneratedLogs(load, process, number)).Where(stream => !stream.IsDone).ToList();
        var batch = new BatchWriter();
        batch.Add(Record(load, process, number, version: 1, endNs: null));
        batch.Add(WellKnown.Schema);
        foreach (var stream in streams) batch.Add(stream.Record);

        var endTick = 0ul;
        while (streams.Count > 0)
        {
            // A block of each stream in turn, so that blocks arrive about as they would from a program.
            foreach (var stream in streams)
            {
                cancellation.ThrowIfCancellationRequested();
                var block = stream.NextBlock();
                endTick = Math.Max(endTick, block.LastTick);
                batch.AddBlock(block.Bytes);
                if (batch.TotalBytes < BatchBytes) continue;
                await take(batch.ToArray()).ConfigureAwait(false);
                batch = new BatchWriter();
            }
            streams.RemoveAll(stream => stream.IsDone);
        }
        batch.Add(Record(load, process, number, version: 2, endNs: load.StartNs + (long)endTick));
        await take(batch.ToArray()).ConfigureAwait(false);
    }

    static ProcessRecord Record(GeneratedLoad load, Guid process, int number, ulong version, long? endNs) => new()
    {
        ProcessId = process,
        Version = version,
        Exe = "generated",
        User = "generator",
        Computer = $"machine-{number % 10}",
        Os = "generated",
        Cpu = "generated",
        Runtime = "generated",
        StartNs = load.StartNs,
        LastSeenNs = endNs ?? load.StartNs,
        EndNs = endNs,
        EndReason = endNs is null ? null : "exit",
        Properties = [new("seed", Value.Of(load.Seed)), new("number", number), new("build", $"{1000 + number % 7}")],
    };
}
