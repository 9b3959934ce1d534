using Legion.Cli.Generate;
using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

public sealed class LoadGeneratorTests
{
    [Theory]
    [InlineData(0, 4, 8)]
    [InlineData(3, 4, 8)]
    [InlineData(10_000, 3, 5)]
    [InlineData(5_000, 1, 1)]
    public async Task Each_process_has_exactly_its_spans_on_its_threads_to_its_depth(long spans, int threads, int depth)
    {
        var load = new GeneratedLoad { Spans = spans, Threads = threads, Depth = depth, Processes = 2, BlockBytes = 4096 };
        var generated = await GenerateAsync(load);

        Assert.Equal(2, generated.Processes.Count);
        foreach (var process in generated.Processes)
        {
            var streams = generated.Streams.Where(stream => stream.Record.ProcessId == process).ToArray();
            var all = streams.SelectMany(stream => stream.Spans).ToArray();
            Assert.Equal(spans, all.Length);
            Assert.Equal(Math.Min(threads, spans), streams.Length);
            Assert.All(all, span => Assert.True(span.EndTick > span.BeginTick && span.Depth < depth));
            if (spans > 1000) Assert.Equal(depth - 1, all.Max(span => span.Depth));
            var record = generated.Records.Last(record => record.ProcessId == process);
            Assert.Equal("exit", record.EndReason);
            Assert.Equal(spans == 0 ? record.StartNs : record.StartNs + (long)all.Max(span => span.EndTick!.Value), record.EndNs);
        }
    }

    [Fact]
    public async Task All_but_ids_follows_from_the_seed()
    {
        var load = new GeneratedLoad { Spans = 2000, Seed = 7, BlockBytes = 4096 };
        var (first, again, other) = (await GenerateAsync(load), await GenerateAsync(load), await GenerateAsync(load with { Seed = 8 }));

        Assert.Equal(Spans(first), Spans(again));
        Assert.NotEqual(Spans(first), Spans(other));
        Assert.NotEqual(first.Processes, again.Processes);

        static (string, ulong, ulong, ulong?)[] Spans(Generated generated) =>
            [.. generated.Streams.SelectMany(stream => stream.Spans.Select(span => (stream.Record.Name + span.Name, span.Id, span.BeginTick, span.EndTick)))];
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(100, 5000)]
    public async Task Each_process_has_exactly_its_log_entries_in_order_of_time(long spans, long logs)
    {
        var headers = new List<BlockHeader>();
        await LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = spans, Logs = logs, BlockBytes = 4096 }, batch =>
        {
            headers.AddRange(Batch.Read(batch).Where(item => item.Kind == BatchItemKind.Block).Select(item => BlockHeaderBytes.Read(item.Bytes.ToArray(), out _)));
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
        var blocks = headers.Where(header => header.Class == StreamClass.Log).ToArray();
        Assert.Equal(logs, blocks.Sum(block => block.Events));
        Assert.Equal(blocks.Select((_, i) => (ulong)i), blocks.Select(block => block.Sequence));
        Assert.All(blocks.Zip(blocks.Skip(1)), pair => Assert.True(pair.First.NextOrdinal == pair.Second.FirstOrdinal && pair.First.LastTick <= pair.Second.FirstTick));
    }

    [Fact]
    public async Task A_tick_is_a_nanosecond_since_the_start()
    {
        var load = new GeneratedLoad { Spans = 100, Start = new DateTimeOffset(2030, 5, 6, 7, 8, 9, TimeSpan.Zero) };
        var header = (await GenerateAsync(load)).Streams[0].Headers[0];
        var startNs = load.Start.ToUnixTimeMilliseconds() * 1_000_000;
        Assert.Equal((startNs + (long)header.FirstTick, startNs + (long)header.LastTick), (header.BeginNs, header.EndNs));
    }

    sealed record Generated(IReadOnlyList<Guid> Processes, List<DecodedStream> Streams, List<ProcessRecord> Records);

    static async Task<Generated> GenerateAsync(GeneratedLoad load)
    {
        var items = new List<BatchItem>();
        var processes = await LoadGenerator.GenerateAsync(load, batch =>
        {
            items.AddRange(Batch.Read(batch));
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
        var blocks = items.Where(item => item.Kind == BatchItemKind.Block).Select(item => item.Bytes.ToArray()).ToLookup(bytes => BlockHeaderBytes.Read(bytes, out _).StreamId);
        var schemas = items.Where(item => item.Kind == BatchItemKind.Schema).Select(item => Schema.Read(item.Bytes.Span)).DistinctBy(schema => schema.Hash).ToDictionary(schema => schema.Hash);
        var streams = items.Where(item => item.Kind == BatchItemKind.Stream).Select(item => StreamRecord.Read(item.Bytes.Span));
        return new Generated(
            processes,
            [.. streams.Select(record => DecodedStream.Of(record, blocks[record.StreamId], schemas))],
            [.. items.Where(item => item.Kind == BatchItemKind.Process).Select(item => ProcessRecord.Read(item.Bytes.Span))]);
    }
}
