using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Sdk;

/// <summary>All that a lake has of a process, read by a reader that knows nothing of the writer: sequences and ordinals are contiguous, or it fails.</summary>
sealed record StoredProcess(ProcessRow Row, IReadOnlyList<DecodedStream> Streams)
{
    public long Events => Streams.Sum(stream => (long)stream.Events.Count);
    public IEnumerable<Gap> Gaps => Streams.SelectMany(stream => stream.Gaps);
    public long LostEvents => Streams.Sum(stream => (long)stream.LostEvents);

    public static async Task<StoredProcess> ReadAsync(LakeStore lake, Guid processId, CancellationToken cancellation)
    {
        var row = Assert.Single(await lake.Catalog.ReadProcessesAsync(Tenant.Default, [processId], cancellation));
        var blocks = await lake.Catalog.ReadBlocksAsync(Tenant.Default, [processId], cancellation);
        Assert.Equal(blocks.Count, blocks.Select(block => block.BlockId).Distinct().Count());
        var rows = await lake.Catalog.ReadStreamsAsync(Tenant.Default, [processId], cancellation);
        Assert.Empty(blocks.Select(block => block.StreamId).Except(rows.Select(stream => stream.StreamId)));
        var streams = new List<DecodedStream>();
        foreach (var stream in rows) streams.Add(await DecodeAsync(lake, stream, blocks.Where(block => block.StreamId == stream.StreamId), cancellation));
        return new StoredProcess(row, streams);
    }

    /// <summary>Events by name of the thread that recorded them.</summary>
    public Dictionary<string, long> EventsOfThreads()
    {
        var threads = new Dictionary<string, long>();
        foreach (var stream in Streams)
        {
            if (stream.Record.Class == StreamClass.Trace) Add(stream.Record.Name, stream.Events.Count);
            else foreach (var entry in stream.Events) Add((string)entry["thread"]!, 1);
        }
        return threads;

        void Add(string thread, int events) => threads[thread] = threads.GetValueOrDefault(thread) + events;
    }

    /// <summary>The number that each log entry of the victim's carries, thread by thread.</summary>
    public IEnumerable<long[]> StepsOfThreads() =>
        from stream in Streams
        where stream.Record.Class == StreamClass.Log
        from ofThread in stream.Events.GroupBy(entry => entry["thread"])
        select ofThread.Select(entry => (long)((object?[])entry["arguments"]!)[0]!).ToArray();

    static async Task<DecodedStream> DecodeAsync(LakeStore lake, StreamRow row, IEnumerable<BlockRow> blocks, CancellationToken cancellation)
    {
        var contents = new List<byte[]>();
        var schemas = new Dictionary<SchemaHash, Schema>();
        foreach (var block in blocks.OrderBy(block => block.Sequence))
        {
            var bytes = await lake.Objects.ReadAsync(block.ObjectKey, block.ObjectOffset, block.Bytes, cancellation);
            contents.Add(bytes);
            var hash = BlockHeaderBytes.Read(bytes, out _).Schema;
            if (!schemas.ContainsKey(hash)) schemas[hash] = (await lake.Catalog.ReadSchemaAsync(Tenant.Default, hash, cancellation))!;
        }
        return DecodedStream.Of(new StreamRecord { StreamId = row.StreamId, ProcessId = row.ProcessId, Class = row.Class, Name = row.Name, Version = 1 }, contents, schemas);
    }
}
