using Legion.Format;

namespace Legion.Sdk;

/// <summary>Writes a <c>.legion</c> file: batches one after the other. What cannot be written waits, as it would for a server.</summary>
sealed class FileSink(string path, SelfLog selfLog, long queueBytes) : ISink
{
    readonly FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    readonly SendQueue queue = new(queueBytes, queueBytes);

    public SinkCounts Counts => queue.Counts;

    public void Add(ProcessRecord record) => queue.Add(record);

    public void Add(StreamRecord record) => queue.Add(record);

    public void Add(Schema schema) => queue.Add(schema);

    public void Add(FinishedBlock block) => queue.Add(block);

    public void EndPass()
    {
        var written = file.CanSeek ? file.Position : 0;
        while (queue.Take() is { } shipment)
        {
            try
            {
                file.Write(shipment.Bytes);
                written += shipment.Bytes.Length;
                queue.SettleStored(shipment);
            }
            catch (IOException cause)
            {
                queue.TakeBack(shipment);
                selfLog.Report($"cannot write '{path}', trying again: {cause.Message}");
                CutBack(written);
                return;
            }
        }
    }

    public bool Flush(TimeSpan timeout) => queue.IsEmpty;

    public void Dispose() => file.Dispose();

    /// <summary>Takes half a batch off the end again: a reader could not tell where the next begins.</summary>
    void CutBack(long bytes)
    {
        if (!file.CanSeek) return;
        file.SetLength(bytes);
        file.Position = bytes;
    }
}
