using System.Buffers.Binary;
using K4os.Compression.LZ4;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>
/// What a real program's events take in bytes and in background work. The program is the sample's own code, recorded for a second
/// and flushed at once; beside each flush LZ4 packs the same events as plain pairs of a word each, which is the least that one would do without columns.
/// </summary>
static class SdkEncoding
{
    const string Bench = "sdk";
    const int Runs = 11, CadenceRuns = 5;

    /// <summary>Short runs that do not count. They bring the code to its last tier, which the runtime compiles beside.</summary>
    const int WarmUpRuns = 25;

    /// <summary>What LZ4 gets at a time, as much as a block.</summary>
    const int PairBytes = 1 << 20;

    static readonly TimeSpan briefly = TimeSpan.FromSeconds(0.2), second = TimeSpan.FromSeconds(1), longer = TimeSpan.FromSeconds(4);
    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    public static IEnumerable<BenchmarkRow> Run()
    {
        double[] ratio = new double[Runs], ns = new double[Runs], bytes = new double[Runs];
        for (var run = -WarmUpRuns; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            var (flushNs, sink) = Record(run < 0 ? briefly : second);
            ns[at] = flushNs / sink.Events;
            ratio[at] = ns[at] / PairsNs(Words(sink));
            bytes[at] = sink.Bytes / (double)sink.Events;
        }
        var (_, all) = Record(longer);
        yield return BenchmarkRow.Of(Bench, "background-over-lz4-pairs", "ratio", ratio, Aim.AtMost, 0.5);
        yield return BenchmarkRow.Of(Bench, "background-ns-per-event", "ns", ns);
        yield return BenchmarkRow.Of(Bench, "background-ns-per-event-at-cadence", "ns", Enumerable.Range(0, CadenceRuns).Select(_ => AtCadenceNs()).ToArray());
        yield return BenchmarkRow.Of(Bench, "bytes-per-event-real-trace", "B", [all.Bytes / (double)all.Events], Aim.AtMost, 2);
        yield return BenchmarkRow.Of(Bench, "bytes-per-event-real-trace-1s", "B", bytes, Aim.AtMost, 2);
    }

    /// <summary>Runs the sample's threads, and then flushes all that they recorded.</summary>
    /// <returns>Processor time of the flush, and its blocks.</returns>
    static (double FlushNs, BlockTally Sink) Record(TimeSpan time)
    {
        var sink = new BlockTally(keep: true);
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = sink, MemoryBytes = 512 << 20, PassInterval = TimeSpan.FromHours(1) });
        using var end = new CancellationTokenSource(time);
        SampleRun.UntilEnd(end.Token);

        // The collector has nothing left to do, and nobody else does anything: what the process takes is the flusher's.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var began = Environment.CpuUsage.TotalTime;
        if (!recording.Flush(enough)) throw new TimeoutException($"the flusher did not finish within {enough}");
        var took = Environment.CpuUsage.TotalTime - began;
        if (recording.Statistics.Dropped.Total > 0) throw new InvalidOperationException($"{recording.Statistics.Dropped.Total} events were dropped: the figures would be of dropping");
        return (took.TotalNanoseconds, sink);
    }

    /// <summary>Runs the sample's threads while the flusher passes over what they record, as it does in any program.</summary>
    /// <returns>Processor time of the flusher's thread for each event that it put into a block.</returns>
    static double AtCadenceNs()
    {
        var sink = new BlockTally();
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = sink });
        using var end = new CancellationTokenSource(longer);
        SampleRun.UntilEnd(end.Token);
        if (!recording.Flush(enough)) throw new TimeoutException($"the flusher did not finish within {enough}");
        return sink.FlusherNs / (double)sink.Events;
    }

    /// <summary>Type, site and ticks since the event before, of each event of the threads' streams in a word.</summary>
    static List<ulong[]> Words(BlockTally sink)
    {
        var words = new List<ulong[]>();
        foreach (var finished in sink.Blocks.Where(block => block.Header.Class == StreamClass.Trace))
        {
            var block = Block.Read(finished.Bytes);
            var events = block.ReadEvents(finished.Schema);
            var last = block.Header.FirstTick;
            var ofBlock = new List<ulong>();
            while (events.Next())
            {
                var tick = events.Current.Type.Find("tick")!.ReadU64(events.Current.Body);
                var site = events.Current.Type.Find("site")?.ReadU64(events.Current.Body) ?? 0;
                ofBlock.Add((uint)events.Current.TypeIndex | (site & 0xffff) << 8 | tick - last << 24);
                last = tick;
            }
            words.Add([.. ofBlock]);
        }
        return words;
    }

    /// <returns>Processor time of an event.</returns>
    static double PairsNs(List<ulong[]> words)
    {
        var (pairs, packed) = (new byte[PairBytes], new byte[LZ4Codec.MaximumOutputSize(PairBytes)]);
        var (at, stored) = (0, 0L);
        var began = Environment.CpuUsage.TotalTime;
        foreach (var ofBlock in words)
        {
            foreach (var word in ofBlock)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(pairs.AsSpan(at), word);
                at += sizeof(ulong);
                if (at < PairBytes) continue;
                stored += LZ4Codec.Encode(pairs, packed);
                at = 0;
            }
        }
        stored += LZ4Codec.Encode(pairs.AsSpan(0, at), packed);
        var took = Environment.CpuUsage.TotalTime - began;
        GC.KeepAlive(stored);
        return took.TotalNanoseconds / words.Sum(ofBlock => (double)ofBlock.Length);
    }
}
