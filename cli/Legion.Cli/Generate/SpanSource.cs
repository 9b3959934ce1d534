using Legion.Format;
using Legion.Sdk;

namespace Legion.Cli.Generate;

/// <summary>
/// The spans of one thread, one after the other: a walk that goes down into a child, on to the next one, or up again.
/// Deeper spans are shorter, from seconds at the outside to microseconds at the inside.
/// </summary>
sealed class SpanSource
{
    /// <summary>Every so often something takes a hundred times as long; that is what people look for.</summary>
    const int HitchOneIn = 5000;

    readonly Sequence random;
    readonly int depth;
    long left;
    ulong tick;

    /// <param name="spans">How many to make.</param>
    /// <param name="seed">Of this thread alone.</param>
    public SpanSource(long spans, int depth, ulong seed, ulong startTick)
    {
        left = spans;
        this.depth = depth;
        random = new Sequence(seed);
        tick = startTick + random.Below(1_000_000);
    }

    public bool IsDone { get; private set; }

    /// <summary>Makes one step: a begin or an end. After the last span all that are open end.</summary>
    public void Step(TraceWriter writer)
    {
        tick += Pause(writer.Depth);
        var begins = left > 0 && writer.Depth < depth && (writer.Depth == 0 || random.Below(100) < 52);
        if (begins)
        {
            writer.Begin(tick, Site(writer.Depth));
            left--;
        }
        else
        {
            writer.End(tick);
            IsDone = left == 0 && writer.Depth == 0;
        }
    }

    /// <summary>Nanoseconds to the next event: from about 100 us outside to about 100 ns at the inside, with a long tail.</summary>
    ulong Pause(int open)
    {
        var usual = 100_000ul >> Math.Min(10, open + open / 2);
        var pause = 50 + random.Below(usual + 1) * (1 + random.Below(4));
        return random.Below(HitchOneIn) == 0 ? pause * 100 : pause;
    }

    /// <summary>Some sites are busier than others, and each depth has its own.</summary>
    Site Site(int open)
    {
        var all = GeneratedSites.All;
        var band = all.Length / 8;
        var within = random.Below((ulong)band) * random.Below((ulong)band) / (ulong)band;
        return all[Math.Min(open, 7) * band + (int)within];
    }
}

/// <summary>A seeded sequence of numbers (splitmix64, public domain), the same on every machine and in every version of .NET.</summary>
sealed class Sequence(ulong seed)
{
    ulong state = seed;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    /// <summary>A number from 0 to <paramref name="limit"/> - 1.</summary>
    public ulong Below(ulong limit) => (ulong)((UInt128)Next() * limit >> 64);
}
