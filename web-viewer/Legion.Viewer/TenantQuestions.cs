using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>What can be asked of one tenant's part of a lake.</summary>
sealed class TenantQuestions
{
    public TenantQuestions(Lake lake)
    {
        var (timeline, spans) = (new ProcessTimeline(lake), new ProcessSpans(lake));
        Processes = new(lake);
        Logs = new(lake, timeline);
        Spans = new(spans);
        AsyncSpans = new(new AsyncTimeline(lake), spans);
        Series = new(timeline);
        Markers = new(timeline);
        Attachments = new(timeline, new AttachmentFiles(lake));
        var tiles = new SpanTiles(lake);
        Tiles = new(tiles);
        var paths = new CallPaths(lake, tiles);
        Merged = new(paths);
        Graph = new(paths);
        Statistics = new(new SpanSelections(lake));
        Links = new(lake);
        Reports = new(lake);
        Live = new(lake, TimeProvider.System);
        Schema = new(lake);
    }

    public ProcessQuestions Processes { get; }
    public LogQuestions Logs { get; }
    public SpanQuestions Spans { get; }
    public AsyncQuestions AsyncSpans { get; }
    public SeriesQuestions Series { get; }
    public MarkerQuestions Markers { get; }
    public AttachmentQuestions Attachments { get; }
    public TileQuestions Tiles { get; }
    public MergedQuestions Merged { get; }
    public GraphQuestions Graph { get; }
    public StatisticsQuestions Statistics { get; }
    public LinkQuestions Links { get; }
    public ReportQuestions Reports { get; }
    public LiveQuestions Live { get; }
    public SchemaQuestions Schema { get; }
}
