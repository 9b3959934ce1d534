using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>Requests cost an object store more than bytes: blocks of all streams go together.</summary>
[Collection(SdkCollection.Name)]
public sealed class CadenceTests
{
    const int Threads = 6;
    static readonly TimeSpan age = TimeSpan.FromMilliseconds(400);

    /// <summary>Each thread begins at another time, so that left to themselves their blocks would come of age one after the other for ever.</summary>
    [Fact]
    public void Blocks_of_threads_that_began_apart_come_to_go_in_one_pass()
    {
        var passes = new PassWidths();
        using var end = new CancellationTokenSource();
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = passes, BlockAge = age, PassInterval = TimeSpan.FromMilliseconds(10) });
        var began = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            while (!end.Token.WaitHandle.WaitOne(2))
                if (began.Elapsed > age / Threads * number)
                    using (Telemetry.Span("work")) { }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        var together = passes.Widest.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        end.Cancel();
        foreach (var thread in threads) thread.Join();
        Assert.True(together, $"no pass had blocks of all {Threads} threads");
    }

    /// <summary>Says when a pass had a block of each thread.</summary>
    sealed class PassWidths : ISink
    {
        readonly HashSet<Guid> streams = [];

        public ManualResetEventSlim Widest { get; } = new();

        public SinkCounts Counts { get; private set; }

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
            if (block.Header.Class == StreamClass.Trace) streams.Add(block.Header.StreamId);
            Counts = new SinkCounts(Counts.StoredBlocks + 1, Counts.StoredEvents + block.Header.Events, Counts.StoredBytes + block.Bytes.Length, 0);
        }

        public void EndPass()
        {
            if (streams.Count == Threads) Widest.Set();
            streams.Clear();
        }

        public bool Flush(TimeSpan timeout) => true;

        public void Dispose()
        {
        }
    }
}
