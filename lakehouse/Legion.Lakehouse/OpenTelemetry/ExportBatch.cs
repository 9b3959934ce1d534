using Google.Protobuf;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Blocks made of export requests, with the records of their processes and streams, on their way into the store.</summary>
sealed class ExportBatch
{
    /// <summary>How far the time at which a process was seen last is rounded down: each change of it is a write to its row.</summary>
    const long SeenNs = 10_000_000_000;

    readonly List<BatchItem> items = [];
    readonly HashSet<(Guid, ulong)> known = [];

    public IReadOnlyList<BatchItem> Items => items;

    /// <summary>The arrivals that are blocks here, or had nothing in them.</summary>
    public List<ArrivalRow> Arrivals { get; } = [];

    /// <summary>Uncompressed content of the blocks.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="InvalidDataException">The request is larger than a block may be.</exception>
    public void Add(ResourceExport export, ResourceRow process, Guid blockId, long receivedNs)
    {
        if (items.Count == 0) items.Add(new BatchItem(BatchItemKind.Schema, Schema.Empty.Bytes.ToArray()));
        // Not after it came: clocks that run ahead are the exporter's.
        var lastSeenNs = Math.Max(process.StartNs, Math.Min(export.LastNs, receivedNs) / SeenNs * SeenNs);
        var record = export.Resource.Record(process.ProcessId, process.StartNs, lastSeenNs);
        if (known.Add((process.ProcessId, record.Version)))
        {
            items.Add(new BatchItem(BatchItemKind.Process, record.ToBytes()));
            items.Add(Stream(process, process.TraceStreamId, StreamClass.Trace, "traces"));
            items.Add(Stream(process, process.MetricStreamId, StreamClass.Metric, "metrics"));
            items.Add(Stream(process, process.LogStreamId, StreamClass.Log, "logs"));
        }
        var request = export.Request.ToByteArray();
        if (request.Length > ExportReader.MostBytes) throw new InvalidDataException($"expected at most {ExportReader.MostBytes} bytes of one resource, saw {request.Length}");
        Bytes += request.Length;
        items.Add(new BatchItem(BatchItemKind.Block, BlockWriter.OfOpenTelemetry(Header(export, process, blockId, receivedNs), request)));
    }

    public void Clear()
    {
        items.Clear();
        known.Clear();
        Arrivals.Clear();
        Bytes = 0;
    }

    static BlockHeader Header(ResourceExport export, ResourceRow process, Guid blockId, long receivedNs)
    {
        // A tick is a nanosecond.
        var (first, last) = ((ulong)export.FirstNs, (ulong)export.LastNs);
        return new BlockHeader
        {
            BlockId = blockId,
            StreamId = export.Signal switch
            {
                ExportSignal.Traces => process.TraceStreamId,
                ExportSignal.Metrics => process.MetricStreamId,
                _ => process.LogStreamId,
            },
            ProcessId = process.ProcessId,
            Schema = Schema.Empty.Hash,
            Class = export.Class,
            Flags = BlockFlags.Unnumbered,
            Sequence = (ulong)receivedNs,
            FirstOrdinal = 0,
            NextOrdinal = export.Events,
            Events = export.Events,
            FirstTick = first,
            LastTick = last,
            Clock = new BlockClock(0, [new ClockKnot(first, (long)first, (long)first), new ClockKnot(last + 1, (long)last + 1, (long)last + 1)]),
        };
    }

    static BatchItem Stream(ResourceRow process, Guid streamId, StreamClass streamClass, string name) =>
        new(BatchItemKind.Stream, new StreamRecord { StreamId = streamId, ProcessId = process.ProcessId, Version = 1, Class = streamClass, Name = name }.ToBytes());
}
