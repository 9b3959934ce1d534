namespace Legion.Lakehouse.Tiles;

/// <summary>Which tile: of a process, a group of its streams, a level, and a place in time.</summary>
public readonly record struct TileAddress(Guid ProcessId, int Group, int Level, long Index)
{
    public bool IsOnGrid => Group >= 0 && Level is >= 0 and <= TileGrid.MaxLevel && Index >= 0 && Index <= TileGrid.Index(Level, TileGrid.EndNs);

    /// <summary>Nanoseconds UTC.</summary>
    public long BeginNs => Index * TileGrid.TileNs(Level);

    /// <summary>Nanoseconds UTC, exclusive.</summary>
    public long EndNs => BeginNs + TileGrid.TileNs(Level);

    /// <summary>The tile's name among those of its process, as cells and routes write it: <c>group/level/index</c>.</summary>
    public string Name => $"{Group}/{Level}/{Index}";
}
