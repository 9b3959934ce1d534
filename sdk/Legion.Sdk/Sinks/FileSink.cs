using Legion.Format;

namespace Legion.Sdk;

/// <summary>Writes a <c>.legion</c> file: batches one after the other. What cannot be written waits, as it would for a server.</summary>
sealed class FileSink(string path, SelfLog selfLog, long queueBytes) : ISink
{
    readonly SendQueue queue = new(queueBytes, queueBytes);
    FileStream? opened;
    bool reportedFailure;

    public SinkCounts Counts => queue.Counts;

    public void Add(ProcessRecord record) => queue.Add(record);

    public void Add(StreamRecord record) => queue.Add(record);

    public void Add(Schema schema) => queue.Add(schema);

    public void Add(FinishedBlock block) => queue.Add(block);

    public void EndPass()
    {
        if (TryOpen() is not { } file) return;
        var written = file.CanSeek ? file.Position : 0;
        while (queue.Take() is { } shipment)
        {
            try
            {
                file.Write(shipment.Bytes);
                written += shipment.Bytes.Length;
                queue.SettleStored(shipment);
            }
            catch (Exception cause) when (cause is IOException or ArgumentOutOfRangeException)
            {
                // The latter where the system limits the size of files.
                queue.TakeBack(shipment);
                Report(cause);
                CutBack(file, written);
                return;
            }
        }
    }

    public bool Flush(TimeSpan timeout) => queue.IsEmpty;

    public void Dispose() => opened?.Dispose();

    /// <summary>The file, from the first pass that the system lets it be opened in.</summary>
    FileStream? TryOpen()
    {
        try
        {
            return opened ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Report(refused);
            return null;
        }
    }

    void Report(Exception cause)
    {
        if (!reportedFailure) selfLog.Report($"cannot write '{path}', trying again: {cause.Message}");
        reportedFailure = true;
    }

    /// <summary>Takes half a batch off the end again: a reader could not tell where the next begins.</summary>
    void CutBack(FileStream file, long bytes)
    {
        if (!file.CanSeek) return;
        try
        {
            file.SetLength(bytes);
            file.Position = bytes;
        }
        catch (IOException cause)
        {
            Report(cause);
        }
    }
}
