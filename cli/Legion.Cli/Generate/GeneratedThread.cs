using Legion.Format;
using Legion.Sdk;

namespace Legion.Cli.Generate;

/// <summary>One thread of a generated process, block by block.</summary>
sealed class GeneratedThread : IGeneratedStream
{
    readonly GeneratedLoad load;
    readonly TraceWriter writer;
    readonly SpanSource source;
    readonly bool hasSpans;

    public GeneratedThread(GeneratedLoad load, Guid process, int processNumber, int thread)
    {
        this.load = load;
        var spans = load.Spans / load.Threads + (thread < load.Spans % load.Threads ? 1 : 0);
        var seed = new Sequence(load.Seed ^ (ulong)processNumber << 32 ^ (ulong)thread << 1);
        Record = new StreamRecord
        {
            StreamId = Guid.CreateVersion7(), ProcessId = process, Version = 1, Class = StreamClass.Trace,
            Name = thread == 0 ? "main" : $"worker {thread}", ThreadId = (ulong)(1000 + thread),
        };
        writer = new TraceWriter(process, Record.StreamId);
        source = new SpanSource(spans, load.Depth, seed.Next(), startTick: 0);
        hasSpans = spans > 0;
    }

    public StreamRecord Record { get; }

    public bool IsDone => !hasSpans || source.IsDone;

    public GeneratedBlock NextBlock()
    {
        while (!source.IsDone && writer.EventBytes < load.BlockBytes) source.Step(writer);
        var block = writer.Cut(Guid.CreateVersion7(), IGeneratedStream.Clock(load, writer.FirstTick, writer.LastTick));
        return new GeneratedBlock(block.Header.LastTick, block.Bytes);
    }
}
