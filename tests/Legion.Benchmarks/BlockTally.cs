using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>Counts blocks and lets go of them, or keeps them where they are to be looked at.</summary>
sealed class BlockTally(bool keep = false) : ISink
{
    public List<FinishedBlock> Blocks { get; } = [];
    public long Events { get; private set; }
    public long Bytes { get; private set; }

    public SinkCounts Counts { get; private set; }

    /// <summary>Processor time that the flusher's thread has taken by the end of the last pass.</summary>
    public long FlusherNs { get; private set; }

    public void Add(ProcessRecord record)
    {
    }

    public void Add(StreamRecord record)
    {
    }

    public void Add(Schema schema)
    {
    }

    public void Add(FinishedBlock block)
    {
        if (keep) Blocks.Add(block);
        Events += block.Header.Events;
        Bytes += block.Bytes.Length;
        Counts = new SinkCounts(Counts.StoredBlocks + 1, Events, Bytes, 0);
    }

    public void EndPass() => FlusherNs = ThreadClock.Ns;

    public bool Flush(TimeSpan timeout) => true;

    public void Dispose()
    {
    }
}
