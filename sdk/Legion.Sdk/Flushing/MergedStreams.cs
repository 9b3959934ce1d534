using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>The process's log, its metrics, its frames, and one stream for each type of user-defined event.</summary>
sealed class MergedStreams(Guid processId)
{
    readonly Dictionary<uint, MergedStream> userEvents = [];
    readonly List<Value> arguments = [];
    readonly List<Property> own = [];

    public MergedStream Logs { get; } = new(processId, StreamClass.Log, "log", WellKnown.Schema);
    public MergedStream Metrics { get; } = new(processId, StreamClass.Metric, "metric", WellKnown.Schema);
    public MergedStream Frames { get; } = new(processId, StreamClass.Metric, "frames", WellKnown.Schema);

    public MergedStream Attachments { get; } = new(processId, StreamClass.Other, "attachments", WellKnown.Schema);

    /// <summary>The frame in progress of each series.</summary>
    public FrameSeries Series { get; } = new();

    public IEnumerable<MergedStream> All => [Logs, Metrics, Frames, Attachments, .. userEvents.Values];

    public MergedStream UserEvents(EventShape shape)
    {
        if (!userEvents.TryGetValue(shape.Id, out var stream))
            userEvents.Add(shape.Id, stream = new MergedStream(processId, StreamClass.Other, shape.Name, shape.Schema));
        return stream;
    }

    public void Log(RecordedThread thread, OpenContext? context, ulong tick, byte severity, Declaration declaration, LogReader record)
    {
        arguments.Clear();
        // Arguments that did not fit into the record are missing at its end.
        for (var hole = 0; hole < declaration.Holes; hole++) arguments.Add(record.Argument());
        own.Clear();
        own.AddRange(declaration.Properties);
        while (record.TryProperty(out var property)) own.Add(property);
        var writer = Logs.Writer;
        var properties = writer.Properties(context, CollectionsMarshal.AsSpan(own));
        LogEvent.Write(writer.Block, tick, writer.Thread(thread), severity, writer.Template(declaration), properties, CollectionsMarshal.AsSpan(arguments));
        writer.Count(tick);
    }

    public void Metric(RecordedThread thread, OpenContext? context, ulong tick, Declaration declaration, double value) =>
        Metric(thread, context, tick, declaration, value, []);

    /// <param name="tags">The event's own properties, behind those of its context.</param>
    public void Metric(RecordedThread thread, OpenContext? context, ulong tick, Declaration declaration, double value, ReadOnlySpan<Property> tags)
    {
        var writer = Metrics.Writer;
        MetricEvent.Write(writer.Block, tick, value, writer.Thread(thread), writer.Site(declaration), writer.Unit(declaration), writer.Properties(context, tags));
        writer.Count(tick);
    }

    public void Count(RecordedThread thread, OpenContext? context, ulong tick, Declaration declaration, double increment) =>
        Count(thread, context, tick, declaration, increment, []);

    /// <param name="tags">The event's own properties, behind those of its context.</param>
    public void Count(RecordedThread thread, OpenContext? context, ulong tick, Declaration declaration, double increment, ReadOnlySpan<Property> tags)
    {
        var writer = Metrics.Writer;
        CountEvent.Write(writer.Block, tick, increment, writer.Thread(thread), writer.Site(declaration), writer.Unit(declaration), writer.Properties(context, tags));
        writer.Count(tick);
    }

    /// <param name="tick">The frame's end.</param>
    /// <param name="number">From 0 in the series that the declaration's site names.</param>
    public void Frame(RecordedThread thread, OpenContext? context, ulong tick, Declaration declaration, ulong beginTick, ulong number)
    {
        var writer = Frames.Writer;
        FrameEvent.Write(writer.Block, tick, beginTick, writer.Site(declaration), number, writer.Thread(thread), writer.Properties(context));
        writer.Count(tick);
    }

    /// <returns>The stream that the event went to.</returns>
    public MergedStream UserEvent(RecordedThread thread, OpenContext? context, ulong tick, EventShape shape, RecordReader record)
    {
        var stream = UserEvents(shape);
        var writer = stream.Writer;
        var events = writer.Block.Events;
        var threadReference = writer.Thread(thread);
        var position = writer.Block.Begin(EventShape.TypeIndex);
        events.U64(tick);
        events.U64(threadReference.Id);
        events.U32(threadReference.Name);
        events.U32(writer.Properties(context));
        events.Bytes(record.Fixed(shape.FixedBytes));
        events.Reserve(8 * shape.TextOffsets.Length).Clear();
        foreach (var offset in shape.TextOffsets)
        {
            var start = events.Length;
            events.Utf8(record.Text());
            writer.Block.Point(position, offset, start);
        }
        writer.Block.End(EventShape.TypeIndex, position);
        writer.Count(tick);
        return stream;
    }
}
