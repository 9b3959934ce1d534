using Legion.Format;

namespace Legion.Sdk;

/// <summary>Writes a <c>.legion</c> file: batches one after the other, one a pass.</summary>
sealed class FileSink(string path) : ISink
{
    readonly FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    readonly Lock writing = new();
    BatchWriter batch = new();
    SinkCounts added;
    SinkCounts stored;

    public SinkCounts Counts
    {
        get { lock (writing) return stored; }
    }

    public void Add(ProcessRecord record) => batch.Add(record);

    public void Add(StreamRecord record) => batch.Add(record);

    public void Add(Schema schema) => batch.Add(schema);

    public void Add(FinishedBlock block)
    {
        batch.AddBlock(block.Bytes);
        added = added with
        {
            StoredBlocks = added.StoredBlocks + 1,
            StoredEvents = added.StoredEvents + block.Header.Events,
            StoredBytes = added.StoredBytes + block.Bytes.Length,
        };
    }

    public void EndPass()
    {
        if (batch.Count == 0) return;
        var bytes = batch.ToArray();
        batch = new BatchWriter();
        lock (writing)
        {
            file.Write(bytes);
            stored = added;
        }
    }

    public bool Flush(TimeSpan timeout)
    {
        lock (writing) return stored == added;
    }

    public void Dispose() => file.Dispose();
}
