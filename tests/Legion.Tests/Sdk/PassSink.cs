using Legion.Format;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>Keeps all it is given, and does something at the end of each pass of the flusher, on its thread.</summary>
sealed class PassSink(Action endPass) : ISink
{
    public MemorySink Kept { get; } = new();

    public SinkCounts Counts => Kept.Counts;

    public void Add(ProcessRecord record) => Kept.Add(record);

    public void Add(StreamRecord record) => Kept.Add(record);

    public void Add(Schema schema) => Kept.Add(schema);

    public void Add(FinishedBlock block) => Kept.Add(block);

    public void EndPass() => endPass();

    public bool Flush(TimeSpan timeout) => true;

    public void Dispose() => Kept.Dispose();
}
