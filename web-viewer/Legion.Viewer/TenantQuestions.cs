using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;

namespace Legion.Viewer;

/// <summary>What can be asked of one tenant's part of a lake.</summary>
sealed class TenantQuestions(Lake lake)
{
    public ProcessQuestions Processes { get; } = new(lake);
    public LogQuestions Logs { get; } = new(lake);
    public SpanQuestions Spans { get; } = new(lake);
    public AsyncQuestions AsyncSpans { get; } = new(lake);
    public SeriesQuestions Series { get; } = new(lake);
    public MarkerQuestions Markers { get; } = new(lake);
    public TileQuestions Tiles { get; } = new(new SpanTiles(lake));
}
