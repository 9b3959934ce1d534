namespace Legion.Lakehouse;

/// <summary>
/// Counts of values in bins whose bounds grow by 2 %, so that any percentile is right to 1 % of itself, and sketches merge by adding counts: a DDSketch
/// (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", 2019) with γ = 1.02.
/// Bin i holds values v with γ^(i-1) &lt; v &lt;= γ^i, and stands for 2γ^i / (γ + 1); zero and less lie in <see cref="ZeroBin"/>.
/// </summary>
public sealed class Sketch
{
    public const double Gamma = 1.02;

    /// <summary>The bin of values that have no logarithm; it stands for 0.</summary>
    public const short ZeroBin = short.MinValue;

    static readonly double binsPerLog = 1 / Math.Log(Gamma);

    /// <summary>Counts of the bins from <see cref="first"/> on.</summary>
    ulong[] counts = [];
    int first;
    ulong zeros;

    public ulong Count { get; private set; }

    /// <summary>The bin that holds a value.</summary>
    public static short BinOf(double value) => value > 0 ? (short)Math.Clamp(Math.Ceiling(Math.Log(value) * binsPerLog), short.MinValue + 1, short.MaxValue) : ZeroBin;

    /// <summary>The value that a bin stands for.</summary>
    public static double ValueOf(short bin) => bin == ZeroBin ? 0 : 2 * Math.Pow(Gamma, bin) / (Gamma + 1);

    public void Add(short bin, ulong count)
    {
        Count += count;
        if (bin == ZeroBin)
        {
            zeros += count;
            return;
        }
        if (counts.Length == 0) (counts, first) = (new ulong[64], bin - 16);
        var more = Math.Max(64, counts.Length / 2);
        if (bin < first) Grow(bin - more, first + counts.Length);
        else if (bin >= first + counts.Length) Grow(first, bin + more);
        counts[bin - first] += count;
    }

    /// <param name="bins">Ascending.</param>
    /// <param name="binCounts">One for each bin.</param>
    public void Add(ReadOnlySpan<short> bins, ReadOnlySpan<uint> binCounts)
    {
        if (bins is [ZeroBin, ..])
        {
            Add(ZeroBin, binCounts[0]);
            bins = bins[1..];
            binCounts = binCounts[1..];
        }
        if (bins.IsEmpty) return;
        // Both ends make room for what lies between them.
        Add(bins[0], 0);
        Add(bins[^1], 0);
        for (var i = 0; i < bins.Length; i++)
        {
            Count += binCounts[i];
            counts[bins[i] - first] += binCounts[i];
        }
    }

    public void Add(Sketch other)
    {
        if (other.zeros > 0) Add(ZeroBin, other.zeros);
        for (var i = 0; i < other.counts.Length; i++)
            if (other.counts[i] > 0) Add((short)(other.first + i), other.counts[i]);
    }

    /// <summary>The bins that hold something, ascending, and the count of each; one beyond what a column holds is that.</summary>
    public (short[] Bins, uint[] Counts) ToBins()
    {
        var (bins, binCounts) = (new List<short>(), new List<uint>());
        if (zeros > 0) Take(ZeroBin, zeros);
        for (var i = 0; i < counts.Length; i++)
            if (counts[i] > 0) Take((short)(first + i), counts[i]);
        return ([.. bins], [.. binCounts]);

        void Take(short bin, ulong count)
        {
            bins.Add(bin);
            binCounts.Add((uint)Math.Min(count, uint.MaxValue));
        }
    }

    void Grow(int from, int to)
    {
        var grown = new ulong[to - from];
        counts.CopyTo(grown, first - from);
        (counts, first) = (grown, from);
    }

    /// <summary>The value that a share of all lie at or below, to 1 %.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <returns>NaN where there are no values.</returns>
    public double Percentile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var rank = share * (Count - 1);
        var below = zeros;
        if (below > rank) return 0;
        for (var i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            if (below > rank) return ValueOf((short)(first + i));
        }
        return double.NaN;
    }
}
