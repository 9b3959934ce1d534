using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Where blocks go, and the records they need. All but <see cref="Flush"/> is called by the flusher's thread alone, and must not wait for a network.
/// A stream's record and a schema come before the first block that names them.
/// </summary>
public interface ISink : IDisposable
{
    void Add(ProcessRecord record);
    void Add(StreamRecord record);
    void Add(Schema schema);
    void Add(FinishedBlock block);

    /// <summary>What was added belongs together and may go.</summary>
    void EndPass();

    /// <summary>Waits until all that was added is stored, at most for <paramref name="timeout"/>. Called by any thread.</summary>
    /// <returns>True if it is.</returns>
    bool Flush(TimeSpan timeout);

    /// <summary>What became of the blocks so far.</summary>
    SinkCounts Counts { get; }
}

/// <summary>What became of a sink's blocks.</summary>
/// <param name="StoredBlocks">Blocks the other side has.</param>
/// <param name="StoredEvents">Events in them.</param>
/// <param name="StoredBytes">Their bytes, as sent.</param>
/// <param name="DroppedEvents">Events given up because there was no room for their block, or because it was refused.</param>
public readonly record struct SinkCounts(long StoredBlocks, long StoredEvents, long StoredBytes, long DroppedEvents);
