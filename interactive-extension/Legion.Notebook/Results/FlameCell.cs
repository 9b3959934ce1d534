using Legion.Lakehouse.Tiles;

namespace Legion.Notebook;

/// <summary>What a flame chart's cell is drawn from where it cannot ask.</summary>
/// <param name="Timeline">JSON of what lies beside the spans.</param>
/// <param name="Merged">JSON of the spans merged by call path; empty where they are laid out by time.</param>
sealed record FlameCell(TileSet Tiles, ReadOnlyMemory<byte> Timeline, ReadOnlyMemory<byte> Merged);
