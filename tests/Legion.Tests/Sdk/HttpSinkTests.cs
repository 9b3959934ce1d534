using System.Collections.Concurrent;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>What each answer of a server does to the blocks it answers: none is lost that could be stored, none is sent for ever that could not.</summary>
public sealed class HttpSinkTests
{
    static readonly TimeSpan enough = TimeSpan.FromSeconds(30);
    static readonly Guid process = Guid.CreateVersion7();

    [Fact]
    public void A_batch_carries_records_and_schemas_once_and_blocks_in_order()
    {
        using var server = new FakeServer();
        var blocks = Blocks(3);
        using (var sink = Sink(server))
        {
            Add(sink, blocks);
            sink.EndPass();
            Assert.True(sink.Flush(enough));
            Assert.Equal(new SinkCounts(3, 6, blocks.Sum(block => block.Bytes.Length), 0), sink.Counts);
        }
        Assert.Equal(blocks.Select(block => block.Header.BlockId), server.Received);
        Assert.Equal((1, 1, 1), (server.ProcessRecords, server.StreamRecords, server.Schemas));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(302)]
    [InlineData(FakeServer.Unreachable)]
    public void A_failure_that_may_pass_is_tried_again(int status)
    {
        using var server = new FakeServer(status, status, status);
        var blocks = Blocks(2);
        using var sink = Sink(server);
        Add(sink, blocks);
        Assert.True(sink.Flush(enough));
        Assert.Equal(4, server.Requests);
        Assert.Equal((2, 0), (sink.Counts.StoredBlocks, sink.Counts.DroppedEvents));
        Assert.Equal((1, 1, 1), (server.ProcessRecords, server.StreamRecords, server.Schemas));
    }

    [Fact]
    public void What_a_server_lacks_is_sent_with_the_blocks_again()
    {
        using var server = new FakeServer();
        var blocks = Blocks(1);
        using var sink = Sink(server);
        Add(sink, blocks);
        Assert.True(sink.Flush(enough));
        server.Forget();
        sink.Add(Blocks(1)[0]);
        Assert.True(sink.Flush(enough));
        Assert.Equal(2, sink.Counts.StoredBlocks);
        Assert.Equal((1, 1, 1), (server.ProcessRecords, server.StreamRecords, server.Schemas));
    }

    [Fact]
    public void A_repeated_or_conflicting_block_counts_as_stored()
    {
        using var server = new FakeServer();
        var blocks = Blocks(2);
        server.Codes[blocks[0].Header.BlockId] = "exists";
        server.Codes[blocks[1].Header.BlockId] = "conflict";
        using var sink = Sink(server);
        Add(sink, blocks);
        Assert.True(sink.Flush(enough));
        Assert.Equal((2, 0, 1), (sink.Counts.StoredBlocks, sink.Counts.DroppedEvents, server.Requests));
    }

    [Fact]
    public void A_refused_block_becomes_a_gap_record_and_its_neighbours_are_stored()
    {
        using var server = new FakeServer();
        var blocks = Blocks(3);
        server.Codes[blocks[1].Header.BlockId] = "refused once";
        using var sink = Sink(server);
        Add(sink, blocks);
        Assert.True(sink.Flush(enough));
        Assert.Equal((3, 4, 2), (sink.Counts.StoredBlocks, sink.Counts.StoredEvents, sink.Counts.DroppedEvents));
        var gap = Block.Read(server.Stored[blocks[1].Header.BlockId]);
        Assert.Equal((0u, blocks[1].Header.NextOrdinal), (gap.Header.Events, gap.Header.NextOrdinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public void A_batch_that_cannot_be_read_is_taken_apart_and_only_the_bad_block_given_up(int status)
    {
        using var server = new FakeServer();
        var blocks = Blocks(4);
        server.Poison = (blocks[2].Header.BlockId, status);
        using var sink = Sink(server);
        Add(sink, blocks);
        Assert.True(sink.Flush(enough));
        Assert.Equal((3, 2), (sink.Counts.StoredBlocks, sink.Counts.DroppedEvents));
        Assert.Equal(blocks.Where(block => block != blocks[2]).Select(block => block.Header.BlockId), server.Received);
    }

    [Fact]
    public void Over_its_cap_the_queue_gives_up_the_oldest_traces_and_keeps_logs()
    {
        using var server = new FakeServer { IsAway = true };
        var blocks = Blocks(40);
        var log = LogBlock();
        using var sink = Sink(server, queueBytes: blocks.Sum(block => block.Bytes.Length) * 3 / 4);
        sink.Add(log);
        Add(sink, blocks);
        server.IsAway = false;
        Assert.True(sink.Flush(enough));
        Assert.True(sink.Counts.DroppedEvents is > 0 and < 80);
        Assert.Equal(41, server.Stored.Count);
        var headers = blocks.Select(block => Block.Read(server.Stored[block.Header.BlockId]).Header).ToArray();
        Assert.Equal(sink.Counts.DroppedEvents, headers.Count(header => header.Events == 0) * 2);
        Assert.Equal(0u, headers[0].Events);
        Assert.NotEqual(0u, headers[^1].Events);
        Assert.NotEqual(0u, Block.Read(server.Stored[log.Header.BlockId]).Header.Events);
        Assert.Equal(blocks.Select(block => (block.Header.FirstOrdinal, block.Header.NextOrdinal)), headers.Select(header => (header.FirstOrdinal, header.NextOrdinal)));
    }

    [Theory]
    [InlineData("""{"blocks":[{"code":"stored"}]}""")]
    [InlineData("""{"blocks":[{"block":"00000000-0000-0000-0000-000000000001"}]}""")]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"blocks":[{"block":7}]}""")]
    [InlineData("""{"missing":{"schemas":["zz"]}}""")]
    public void An_answer_that_makes_no_sense_stores_nothing_and_is_asked_for_again(string body)
    {
        using var server = new FakeServer { Nonsense = body };
        using var sink = Sink(server);
        Add(sink, Blocks(1));
        Assert.False(sink.Flush(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(0, sink.Counts.StoredBlocks);
        server.Nonsense = null;
        Assert.True(sink.Flush(enough));
        Assert.Equal(1, sink.Counts.StoredBlocks);
    }

    static HttpSink Sink(FakeServer server, long queueBytes = 1 << 20) =>
        new(server, new SelfLog(null), queueBytes, queueBytes, new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)));

    static readonly Guid stream = Guid.CreateVersion7();
    static readonly StreamRecord record = new() { StreamId = stream, ProcessId = process, Version = 1, Class = StreamClass.Trace };

    static void Add(HttpSink sink, IEnumerable<FinishedBlock> blocks)
    {
        sink.Add(new ProcessRecord { ProcessId = process, Version = 1, StartNs = 0, LastSeenNs = 0 });
        sink.Add(record);
        sink.Add(WellKnown.Schema);
        foreach (var block in blocks) sink.Add(block);
    }

    static FinishedBlock[] Blocks(int count)
    {
        var writer = new TraceWriter(process, stream);
        var site = new Site("s", "t", "f", 1);
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            writer.Begin((ulong)number * 10, site, new string((char)('a' + number % 26), 4000 + number), [new("noise", Noise(number))]);
            writer.End((ulong)number * 10 + 5);
            var block = writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(1000, 1000, 0)]));
            block.Stream = record;
            return block;
        })];
    }

    static string Noise(int seed)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, 1000).Select(_ => (char)random.Next('0', 'z')));
    }

    static FinishedBlock LogBlock()
    {
        var writer = new MergedWriter(process, Guid.CreateVersion7(), StreamClass.Log, WellKnown.Schema);
        LogEvent.Write(writer.Block, 5, new ThreadReference(1, FormatLimits.NoReference), 9, FormatLimits.NoReference, FormatLimits.NoReference, [Value.Of(Noise(7))]);
        writer.Count(5);
        return writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(1000, 1000, 0)]));
    }
}

/// <summary>A server in this process: stores blocks whose records and schema it has, after the failures it was given.</summary>
sealed class FakeServer(params int[] failures) : ITransport
{
    public const int Unreachable = -1;

    readonly Queue<int> failures = new(failures);
    readonly HashSet<Guid> processes = [], streams = [];
    readonly HashSet<SchemaHash> schemas = [];
    volatile bool isAway;
    volatile string? nonsense;

    public ConcurrentDictionary<Guid, string> Codes { get; } = [];
    public ConcurrentDictionary<Guid, byte[]> Stored { get; } = [];
    public List<Guid> Received { get; } = [];
    public (Guid Block, int Status)? Poison { get; set; }
    public int Requests { get; private set; }
    public int ProcessRecords => processes.Count;
    public int StreamRecords => streams.Count;
    public int Schemas => schemas.Count;
    public bool IsAway { get => isAway; set => isAway = value; }
    public string? Nonsense { get => nonsense; set => nonsense = value; }

    public void Forget()
    {
        processes.Clear();
        streams.Clear();
        schemas.Clear();
    }

    public Reply Post(ReadOnlyMemory<byte> batch)
    {
        Requests++;
        if (IsAway) throw new IOException("away");
        if (Nonsense is { } body) return new Reply(200, System.Text.Encoding.UTF8.GetBytes(body));
        if (failures.TryDequeue(out var failure)) return failure == Unreachable ? throw new IOException("no route") : new Reply(failure, []);

        var items = Batch.Read(batch);
        var blocks = items.Where(item => item.Kind == BatchItemKind.Block).Select(item => (item.Bytes, BlockHeaderBytes.Read(item.Bytes.Span, out _))).ToArray();
        if (Poison is { } poison && blocks.Any(block => block.Item2.BlockId == poison.Block)) return new Reply(poison.Status, """{"error":"poison"}"""u8.ToArray());
        foreach (var item in items)
        {
            if (item.Kind == BatchItemKind.Process) processes.Add(ProcessRecord.Read(item.Bytes.Span).ProcessId);
            if (item.Kind == BatchItemKind.Stream) streams.Add(StreamRecord.Read(item.Bytes.Span).StreamId);
            if (item.Kind == BatchItemKind.Schema) schemas.Add(Schema.Read(item.Bytes.Span).Hash);
        }

        var answers = new List<object>();
        var missing = (Schemas: new HashSet<string>(), Processes: new HashSet<Guid>(), Streams: new HashSet<Guid>());
        foreach (var (bytes, header) in blocks)
        {
            var code = Codes.GetValueOrDefault(header.BlockId, "stored");
            if (code == "refused once") (code, Codes[header.BlockId]) = ("refused", "stored");
            var lacks = header.Class == StreamClass.Trace && (!processes.Contains(header.ProcessId) || !streams.Contains(header.StreamId) || !schemas.Contains(header.Schema));
            if (lacks)
            {
                code = "missing";
                if (!schemas.Contains(header.Schema)) missing.Schemas.Add(header.Schema.ToString());
                if (!processes.Contains(header.ProcessId)) missing.Processes.Add(header.ProcessId);
                if (!streams.Contains(header.StreamId)) missing.Streams.Add(header.StreamId);
            }
            else if (code == "stored")
            {
                Received.Add(header.BlockId);
                Stored[header.BlockId] = bytes.ToArray();
            }
            answers.Add(new { block = header.BlockId, code, reason = code == "refused" ? "poor taste" : null });
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(new { blocks = answers, missing = new { schemas = missing.Schemas, processes = missing.Processes, streams = missing.Streams }, error = (string?)null });
        return new Reply(missing.Streams.Count + missing.Processes.Count + missing.Schemas.Count > 0 ? 424 : 200, json);
    }

    public void Dispose()
    {
    }
}
