using Legion.Format;

namespace Legion.Sdk;

/// <summary>Keeps all it is given; for tests of instrumented programs.</summary>
public sealed class MemorySink : ISink
{
    readonly Lock adding = new();
    readonly List<FinishedBlock> blocks = [];
    readonly Dictionary<Guid, StreamRecord> streams = [];
    readonly Dictionary<SchemaHash, Schema> schemas = [];
    ProcessRecord? process;
    SinkCounts counts;

    /// <summary>Blocks in the order in which they were cut.</summary>
    public IReadOnlyList<FinishedBlock> Blocks
    {
        get { lock (adding) return [.. blocks]; }
    }

    public IReadOnlyDictionary<Guid, StreamRecord> Streams
    {
        get { lock (adding) return new Dictionary<Guid, StreamRecord>(streams); }
    }

    public IReadOnlyDictionary<SchemaHash, Schema> Schemas
    {
        get { lock (adding) return new Dictionary<SchemaHash, Schema>(schemas); }
    }

    /// <summary>The latest record of the process.</summary>
    public ProcessRecord? Process
    {
        get { lock (adding) return process; }
    }

    public SinkCounts Counts
    {
        get { lock (adding) return counts; }
    }

    public void Add(ProcessRecord record)
    {
        lock (adding) process = record;
    }

    public void Add(StreamRecord record)
    {
        lock (adding) streams[record.StreamId] = record;
    }

    public void Add(Schema schema)
    {
        lock (adding) schemas[schema.Hash] = schema;
    }

    public void Add(FinishedBlock block)
    {
        lock (adding)
        {
            blocks.Add(block);
            counts = counts with
            {
                StoredBlocks = counts.StoredBlocks + 1,
                StoredEvents = counts.StoredEvents + block.Header.Events,
                StoredBytes = counts.StoredBytes + block.Bytes.Length,
            };
        }
    }

    public void EndPass()
    {
    }

    public bool Flush(TimeSpan timeout) => true;

    public void Dispose()
    {
    }
}
