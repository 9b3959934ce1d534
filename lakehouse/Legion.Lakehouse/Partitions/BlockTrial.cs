using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Decodes the blocks of a stream as all its views would, and keeps nothing: what a view cannot read has to be a problem.</summary>
sealed class BlockTrial
{
    readonly List<Action<Block, Schema>> decoders = [];
    readonly List<RowBuffer> buffers = [];

    /// <param name="first">The first of its blocks.</param>
    /// <param name="streamName">For user-defined events the type's name.</param>
    public BlockTrial(string processId, BlockRow first, string streamName)
    {
        var streamId = first.StreamId.ToString();
        switch (first.Class)
        {
            case StreamClass.Trace:
                var (spanRows, markers, flows) = (RowsOf(Views.Spans), RowsOf(Views.Markers), RowsOf(Views.Flows));
                var spans = new SpanDecoder(spanRows, new MomentDecoder(markers), new MomentDecoder(flows));
                spans.Begin(processId, streamId, "");
                var asyncRows = RowsOf(Views.AsyncSpans);
                decoders.Add((block, schema) =>
                {
                    if (!block.Header.IsOpenTelemetry) spans.Add(block, schema);
                });
                AddPoints(OtlpBlock.Either(new AsyncSpanDecoder(asyncRows, _ => null).Add, new OtlpSpanDecoder(asyncRows).Add));
                break;
            case StreamClass.Log:
                var logRows = RowsOf(Views.LogEntries);
                AddPoints(OtlpBlock.Either(new LogDecoder(logRows).Add, new OtlpLogDecoder(logRows).Add));
                break;
            case StreamClass.Metric:
                var (measureRows, frames) = (RowsOf(Views.Measures), new FrameDecoder(RowsOf(Views.Frames)));
                AddPoints(OtlpBlock.Either(new MeasureDecoder(measureRows).Add, new OtlpMeasureDecoder(measureRows).Add));
                AddPoints(OtlpBlock.Either(frames.Add, (_, _, _) => { }));
                break;
            default:
                decoders.Add((block, schema) =>
                {
                    var rows = new RowBuffer(Views.Events(streamName), [.. Views.EventColumns, .. EventDecoder.StoredColumns(streamName, [schema])]);
                    new EventDecoder(rows, streamName).Add(block, schema, processId, streamId);
                    if (AttachmentDecoder.HasChunks(schema)) new AttachmentDecoder().Add(block, first, schema, startsNew: true);
                });
                break;
        }

        void AddPoints(Action<Block, Schema, string, string> add) => decoders.Add((block, schema) => add(block, schema, processId, streamId));
    }

    /// <summary>Decodes a block that follows those before, with or without a gap between.</summary>
    /// <exception cref="InvalidDataException">A view cannot read it.</exception>
    public void Add(Block block, Schema schema)
    {
        try
        {
            foreach (var decode in decoders) decode(block, schema);
        }
        finally
        {
            foreach (var rows in buffers) rows.Clear();
        }
    }

    RowBuffer RowsOf(View view)
    {
        var rows = new RowBuffer(view, view.Stored);
        buffers.Add(rows);
        return rows;
    }
}
