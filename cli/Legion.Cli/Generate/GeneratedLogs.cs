using Legion.Format;

namespace Legion.Cli.Generate;

/// <summary>The log of a generated process: lines of all its threads in order of time, in bursts, most of them of the lower levels and some at the same time.</summary>
sealed class GeneratedLogs : IGeneratedStream
{
    /// <summary>Usual time between two lines, nanoseconds: 10^8 of them take some half an hour.</summary>
    const ulong UsualPauseNs = 40_000;

    /// <summary>Of a thousand lines, how many are of at most a level.</summary>
    static readonly (Level Level, int UpTo)[] levels = [(Level.Trace, 120), (Level.Debug, 500), (Level.Info, 950), (Level.Warn, 990), (Level.Error, 999), (Level.Fatal, 1000)];

    static readonly Template[] templates =
    [
        Line("loaded {asset} in {ms} ms", "game::assets", 40), Line("request {id} of player {player} took {ms} ms", "game::network", 71), Line("cache holds {count} entries", "game::cache", 12),
        Line("frame {number} drew {count} batches", "game::render", 233), Line("job {id} moved to worker {worker}", "game::job", 55), Line("lost packet {number}, asking again", "game::network", 118),
        Line("could not open \"{path}\": it is not there", "game::storage", 90), Line("session {id} begins", "game::session", 21),
    ];

    readonly GeneratedLoad load;
    readonly BlockWriter block = new(WellKnown.Schema, BlockEncoding.Columns);
    readonly Sequence random;
    long left;
    uint events;
    ulong tick, sequence, ordinal, firstTick;

    public GeneratedLogs(GeneratedLoad load, Guid process, int processNumber)
    {
        this.load = load;
        left = load.Logs;
        random = new Sequence(load.Seed ^ (ulong)processNumber << 32 ^ 0x106);
        Record = new StreamRecord { StreamId = Guid.CreateVersion7(), ProcessId = process, Version = 1, Class = StreamClass.Log, Name = "log" };
    }

    public StreamRecord Record { get; }

    public bool IsDone => left == 0;

    public GeneratedBlock NextBlock()
    {
        for (events = 0; left > 0 && block.RowBytes + block.Dependencies.Bytes < load.BlockBytes; left--) Write();
        var header = new BlockHeader
        {
            BlockId = Guid.CreateVersion7(), StreamId = Record.StreamId, ProcessId = Record.ProcessId, Schema = block.Schema.Hash, Class = StreamClass.Log, Sequence = sequence++,
            FirstOrdinal = ordinal, NextOrdinal = ordinal += events, Events = events, FirstTick = firstTick, LastTick = tick, Clock = IGeneratedStream.Clock(load, firstTick, tick),
        };
        var bytes = block.Finish(header);
        block.Clear();
        return new GeneratedBlock(tick, bytes);
    }

    void Write()
    {
        // One in eight is of the time of the one before it.
        if (random.Below(8) > 0) tick += random.Below(UsualPauseNs) * (random.Below(1000) == 0 ? 100ul : 1ul);
        var (share, thread) = ((int)random.Below(1000), random.Below((ulong)load.Threads));
        var template = templates[random.Below((ulong)templates.Length)];
        var argument = (long)random.Below(100_000);
        Value[] arguments = [.. Enumerable.Range(0, template.Text.Count(letter => letter == '{')).Select(hole => Value.Of(argument >> hole))];
        LogEvent.Write(block, tick, new ThreadReference(1000 + thread, block.Dependencies.String(thread == 0 ? "main" : $"worker {thread}")), (byte)levels.First(level => share < level.UpTo).Level,
            block.Dependencies.Template(template), FormatLimits.NoReference, arguments);
        if (events++ == 0) firstTick = tick;
    }

    static Template Line(string text, string target, int line) => new(text, new Site("", target, $"src/{target["game::".Length..]}/log.cs", line));
}
