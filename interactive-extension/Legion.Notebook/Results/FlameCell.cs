using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>What a flame chart's cell is drawn from where it cannot ask.</summary>
/// <param name="Merged">JSON of the spans merged by call path; empty where they are laid out by time.</param>
sealed record FlameCell(TileSet Tiles, SavedTimeline Timeline, ReadOnlyMemory<byte> Merged = default);

/// <summary>What lies beside the spans of threads in one view.</summary>
/// <param name="Json">The object of the cell's model.</param>
/// <param name="Async">Null: not shown, or only when a cell asks.</param>
sealed record SavedTimeline(ReadOnlyMemory<byte> Json, AsyncWindow? Async);
