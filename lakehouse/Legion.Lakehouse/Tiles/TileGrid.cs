namespace Legion.Lakehouse.Tiles;

/// <summary>The fixed grid that tiles lie on: levels, their steps, and the tiles of each, counted from the Unix epoch. All clients rely on it.</summary>
public static class TileGrid
{
    public const int StepsPerTile = 2048;
    public const int LanesPerGroup = 16;

    /// <summary>A tile of this level lasts 73 years.</summary>
    public const int MaxLevel = 20;

    /// <summary>Times from here on (the year 2116) and times before the epoch are a broken clock's: they count as these ends of the grid, so that no difference overflows.</summary>
    public const long EndNs = 1L << 62;

    const long BaseStepNs = 1024;

    /// <summary>At least a quarter of a tile is used at the coarsest level of a process, so that it fits the narrowest chart.</summary>
    const int StepsOfWhole = StepsPerTile / 4;

    /// <summary>The sharp level is the coarsest one whose step is no wider than this many pixels.</summary>
    const int MaxStepPixels = 2;

    public static long StepNs(int level) => BaseStepNs << (2 * level);

    public static long TileNs(int level) => StepNs(level) * StepsPerTile;

    /// <summary>Index of the tile that contains the time.</summary>
    public static long Index(int level, long ns) => Math.Clamp(ns, 0, EndNs - 1) / TileNs(level);

    /// <summary>The level at which a process of this duration fits into one tile, or two where it lies across an edge.</summary>
    public static int LevelOfWhole(long durationNs)
    {
        var level = 0;
        while (level < MaxLevel && durationNs > StepNs(level) * StepsOfWhole) level++;
        return level;
    }

    /// <summary>The level that is sharp where <paramref name="durationNs"/> are drawn on so many pixels.</summary>
    public static int SharpLevel(long durationNs, int pixels, int maxLevel)
    {
        var level = 0;
        while (level < maxLevel && (double)StepNs(level + 1) * pixels <= (double)durationNs * MaxStepPixels) level++;
        return level;
    }
}
