using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks.Cost;

/// <summary>Counts what a sink that uploads would send: the blocks of a pass go in one batch.</summary>
sealed class BatchCounter : ISink
{
    readonly Lock gate = new();
    readonly HashSet<StreamClass> classes = [];
    bool counts;
    Traffic counted;

    public SinkCounts Counts { get; private set; }

    public Traffic Counted
    {
        get
        {
            lock (gate) return counted;
        }
    }

    /// <summary>Waits for what does not count, then counts for as long as it is told.</summary>
    public void CountFor(TimeSpan before, TimeSpan time)
    {
        Thread.Sleep(before);
        lock (gate) counts = true;
        Thread.Sleep(time);
        Stop();
    }

    public void Stop()
    {
        lock (gate) counts = false;
    }

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
        lock (gate)
        {
            Counts = new SinkCounts(Counts.StoredBlocks + 1, Counts.StoredEvents + block.Header.Events, Counts.StoredBytes + block.Bytes.Length, 0);
            if (!counts) return;
            classes.Add(block.Header.Class);
            counted = counted with { Events = counted.Events + block.Header.Events, Blocks = counted.Blocks + 1, Bytes = counted.Bytes + block.Bytes.Length };
        }
    }

    public void EndPass()
    {
        lock (gate)
        {
            if (classes.Count == 0) return;
            counted = counted with { Batches = counted.Batches + 1, Objects = counted.Objects + classes.Count };
            classes.Clear();
        }
    }

    public bool Flush(TimeSpan timeout) => true;

    public void Dispose()
    {
    }
}
