using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>A lake with many generated processes, each of which has a build and some seconds of frames, in a folder of its own that goes with it.</summary>
sealed class FleetLake : IDisposable
{
    const long FrameNs = 16_666_667;

    readonly string folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;

    public FleetLake(int processes, int framesOfEach, int builds)
    {
        Store = LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
        Lake = new Lake(Store);
        Frames = (long)processes * framesOfEach;
        var append = new BlockAppend(Store, TimeProvider.System);
        var startNs = (DateTime.UtcNow.Date - DateTime.UnixEpoch).Ticks * 100;
        var random = new Random(7);
        foreach (var some in Enumerable.Range(0, processes).Chunk(100))
        {
            var batch = new BatchWriter();
            batch.Add(WellKnown.Schema);
            foreach (var process in some) Add(batch, startNs + process % 20 * 3_600_000_000_000 / 20, $"build-{process % builds}", framesOfEach, random);
            append.AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), default).GetAwaiter().GetResult();
        }
    }

    public LakeStore Store { get; }
    public Lake Lake { get; }
    public long Frames { get; }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static void Add(BatchWriter batch, long startNs, string build, int frames, Random random)
    {
        var processId = Guid.CreateVersion7();
        var stream = new StreamRecord { StreamId = Guid.CreateVersion7(), ProcessId = processId, Version = 1, Class = StreamClass.Metric, Name = "frames" };
        batch.Add(new ProcessRecord { ProcessId = processId, Version = 1, Exe = "game", StartNs = startNs, LastSeenNs = startNs, Properties = [new Property("build", build)] });
        batch.Add(stream);
        var writer = new BlockWriter(WellKnown.Schema, BlockEncoding.Columns);
        var (site, thread) = (writer.Dependencies.Site(new Site("frame", "game", "game.cs", 1)), new ThreadReference(1, writer.Dependencies.String("main")));
        var (tick, first) = (0ul, 0ul);
        for (var frame = 0; frame < frames; frame++)
        {
            // Most take what they should, some more.
            var end = tick + (ulong)(FrameNs * (1 + random.NextDouble() * random.NextDouble() * random.NextDouble()));
            FrameEvent.Write(writer, end, tick, site, (ulong)frame, thread, FormatLimits.NoReference);
            if (frame == 0) first = end;
            tick = end;
        }
        batch.AddBlock(writer.Finish(new BlockHeader
        {
            BlockId = Guid.CreateVersion7(),
            StreamId = stream.StreamId,
            ProcessId = processId,
            Schema = WellKnown.Schema.Hash,
            Class = StreamClass.Metric,
            Sequence = 0,
            FirstOrdinal = 0,
            NextOrdinal = (ulong)frames,
            Events = (uint)frames,
            FirstTick = first,
            LastTick = tick,
            Clock = new BlockClock(startNs, [new ClockKnot(0, 0, startNs), new ClockKnot(1ul << 60, 1L << 60, startNs + (1L << 60))]),
        }));
    }
}
