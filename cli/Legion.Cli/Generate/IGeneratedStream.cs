using Legion.Format;

namespace Legion.Cli.Generate;

readonly record struct GeneratedBlock(ulong LastTick, byte[] Bytes);

/// <summary>A stream of a generated process, block by block.</summary>
interface IGeneratedStream
{
    StreamRecord Record { get; }

    bool IsDone { get; }

    /// <summary>The next block; there is one until <see cref="IsDone"/>.</summary>
    GeneratedBlock NextBlock();

    /// <summary>Ticks count nanoseconds from the process's start, so two knots around the block tell all there is.</summary>
    static BlockClock Clock(GeneratedLoad load, ulong firstTick, ulong lastTick)
    {
        var last = Math.Max(lastTick, firstTick + 1);
        return new BlockClock(load.StartNs, [new ClockKnot(firstTick, (long)firstTick, load.StartNs + (long)firstTick), new ClockKnot(last, (long)last, load.StartNs + (long)last)]);
    }
}
