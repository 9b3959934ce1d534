using Legion.Format;

namespace Legion.Sdk;

/// <summary>A batch on its way: what it carries, so that it can be taken back.</summary>
/// <param name="Bytes">The batch.</param>
/// <param name="Blocks">As they stood in the queue, where they go back without a need for memory.</param>
/// <param name="RecordVersion">Version of the process record in it, 0 for none.</param>
sealed record Shipment(byte[] Bytes, IReadOnlyList<LinkedListNode<FinishedBlock>> Blocks, IReadOnlyList<SchemaHash> Schemas, IReadOnlyList<StreamRecord> Streams, ulong RecordVersion);

/// <summary>
/// What waits for the server, within a cap of bytes, and within another of those that are in memory: blocks that are on disk too leave it first. Over the cap the oldest blocks become gap records, traces first, then metrics and the program's own events, then logs.
/// Schemas and the record of the process always stay, as a server may ask for them at any time; that of a stream comes with each of its blocks.
/// </summary>
sealed class SendQueue(long capBytes, long memoryBytes)
{
    /// <summary>Aim for a batch: enough for one request to be worth its cost, few enough for its repetition to be cheap.</summary>
    const int BatchBytes = 1 << 20;

    /// <summary>Which blocks are given up first.</summary>
    public static readonly StreamClass[] LeastNeededFirst = [StreamClass.Trace, StreamClass.Metric, StreamClass.Other, StreamClass.Log];

    readonly Lock queueing = new();
    readonly LinkedList<FinishedBlock> blocks = [];
    readonly Dictionary<SchemaHash, Schema> schemas = [];
    readonly HashSet<SchemaHash> unsentSchemas = [];

    // Streams come and go with threads: those that the server may still ask for are those of the blocks that wait.
    readonly Dictionary<Guid, StreamRecord> unsentStreams = [];
    readonly HashSet<Guid> singly = [];
    ProcessRecord? process;
    ulong sentVersion;
    long waitingBytes;
    long waitingInMemory;
    long othersBytes;
    bool inFlight;
    SinkCounts counts;

    public SinkCounts Counts
    {
        get { lock (queueing) return counts; }
    }

    /// <summary>True when the server has all.</summary>
    public bool IsEmpty
    {
        get { lock (queueing) return !inFlight && blocks.Count == 0 && unsentSchemas.Count == 0 && unsentStreams.Count == 0 && sentVersion == (process?.Version ?? 0); }
    }

    public void Add(ProcessRecord record)
    {
        lock (queueing) process = record;
    }

    public void Add(StreamRecord record)
    {
        lock (queueing) unsentStreams[record.StreamId] = record;
    }

    public void Add(Schema schema)
    {
        lock (queueing)
        {
            schemas[schema.Hash] = schema;
            unsentSchemas.Add(schema.Hash);
        }
    }

    public void Add(FinishedBlock block)
    {
        lock (queueing)
        {
            Enqueue(block);
            try
            {
                if (IsOver) MakeRoom();
            }
            catch (OutOfMemoryException)
            {
                // The block waits, as it was asked for; room is made with the next.
            }
        }
    }

    /// <summary>Takes so many bytes off the cap, as they are taken by others.</summary>
    public void LeaveRoom(long bytes)
    {
        lock (queueing)
        {
            othersBytes = bytes;
            if (IsOver) MakeRoom();
        }
    }

    bool IsOver => waitingBytes + othersBytes > capBytes || waitingInMemory > memoryBytes;

    /// <summary>The next batch, or null when nothing waits. Until it is settled no other is taken.</summary>
    public Shipment? Take()
    {
        lock (queueing)
        {
            var taken = new List<LinkedListNode<FinishedBlock>>();
            var contents = new List<byte[]>();
            var bytes = 0L;
            for (var node = blocks.First; node is not null && (taken.Count == 0 || bytes + node.Value.StoredBytes <= BatchBytes && !singly.Contains(node.Value.Header.BlockId)); node = node.Next)
            {
                var content = Read(node);
                taken.Add(node);
                contents.Add(content);
                bytes += content.Length;
                if (singly.Contains(node.Value.Header.BlockId)) break;
            }

            var writer = new BatchWriter();
            var version = process is not null && process.Version != sentVersion ? process.Version : 0;
            if (version != 0) writer.Add(process!);
            foreach (var stream in unsentStreams.Values) writer.Add(stream);
            foreach (var hash in unsentSchemas) writer.Add(schemas[hash]);
            foreach (var content in contents) writer.AddBlock(content);
            if (writer.Count == 0) return null;

            // Until here nothing has changed, and memory may run out; from here on none is needed.
            var shipment = new Shipment(writer.ToArray(), taken, [.. unsentSchemas], [.. unsentStreams.Values], version);
            foreach (var node in taken) Dequeue(node);
            unsentSchemas.Clear();
            unsentStreams.Clear();
            if (version != 0) sentVersion = version;
            inFlight = true;
            return shipment;
        }
    }

    /// <summary>Takes the batch back, to be sent again as if nothing of it had arrived.</summary>
    /// <param name="oneByOne">Sends each of its blocks alone, to find the one that the server does not take.</param>
    public void TakeBack(Shipment shipment, bool oneByOne = false)
    {
        lock (queueing)
        {
            inFlight = false;
            if (shipment.RecordVersion != 0) sentVersion = 0;
            for (var i = shipment.Blocks.Count - 1; i >= 0; i--) PutBack(shipment.Blocks[i]);
            // Should memory run out from here on, the server asks for what it lacks.
            unsentSchemas.UnionWith(shipment.Schemas);
            foreach (var stream in shipment.Streams) unsentStreams.TryAdd(stream.StreamId, stream);
            if (oneByOne) singly.UnionWith(shipment.Blocks.Select(node => node.Value.Header.BlockId));
            if (IsOver) MakeRoom();
        }
    }

    /// <summary>Acts on the answer to a batch that was read: counts what is stored, keeps what waits, gives up what is refused.</summary>
    public void Settle(Shipment shipment, AppendAnswer answer)
    {
        lock (queueing)
        {
            inFlight = false;
            Settle(shipment, block =>
            {
                var id = block.Header.BlockId;
                return answer.Refused.ContainsKey(id) ? Outcome.Refused : answer.Waiting.Contains(id) || !answer.Stored.Contains(id) ? Outcome.Waiting : Outcome.Stored;
            });
            unsentSchemas.UnionWith(answer.MissingSchemas.Where(schemas.ContainsKey));
            foreach (var node in shipment.Blocks)
                if (node.Value.Stream is { } stream && answer.MissingStreams.Contains(stream.StreamId)) unsentStreams.TryAdd(stream.StreamId, stream);
            if (process is not null && answer.MissingProcesses.Contains(process.ProcessId)) sentVersion = 0;
            if (IsOver) MakeRoom();
        }
    }

    /// <summary>Acts on the answer that the batch as a whole is stored, or conflicts with what is.</summary>
    public void SettleStored(Shipment shipment)
    {
        lock (queueing)
        {
            inFlight = false;
            Settle(shipment, _ => Outcome.Stored);
        }
    }

    /// <summary>Gives the batch's blocks up: the server will never take them.</summary>
    public void SettleRefused(Shipment shipment)
    {
        lock (queueing)
        {
            inFlight = false;
            Settle(shipment, _ => Outcome.Refused);
            if (IsOver) MakeRoom();
        }
    }

    /// <summary>Blocks go back in their order, but for those that are stored. One for which memory runs out meanwhile goes back as well: the server says what it has.</summary>
    void Settle(Shipment shipment, Func<FinishedBlock, Outcome> outcomeOf)
    {
        for (var i = shipment.Blocks.Count - 1; i >= 0; i--)
        {
            var node = shipment.Blocks[i];
            try
            {
                switch (outcomeOf(node.Value))
                {
                    case Outcome.Stored:
                        Count(node.Value);
                        continue;
                    case Outcome.Refused:
                        if (GiveUp(node.Value, GapReason.Refused) is not { } gap) continue;
                        node.Value = gap;
                        break;
                }
            }
            catch (OutOfMemoryException)
            {
            }
            PutBack(node);
        }
    }

    enum Outcome
    {
        Waiting,
        Stored,
        Refused,
    }

    void Count(FinishedBlock block)
    {
        counts = counts with
        {
            StoredBlocks = counts.StoredBlocks + 1,
            StoredEvents = counts.StoredEvents + block.Header.Events,
            StoredBytes = counts.StoredBytes + block.StoredBytes,
        };
        block.Spooled?.Settle();
    }

    /// <summary>The block's bytes. Where they lay on disk alone and are gone, a gap record takes its place.</summary>
    byte[] Read(LinkedListNode<FinishedBlock> node)
    {
        try
        {
            return node.Value.Bytes;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            var gap = GapOf(node.Value, GapReason.Damaged);
            Replace(node, gap);
            return gap.Bytes;
        }
    }

    void Enqueue(FinishedBlock block)
    {
        blocks.AddLast(block);
        Remember(block);
    }

    void Dequeue(LinkedListNode<FinishedBlock> node)
    {
        blocks.Remove(node);
        singly.Remove(node.Value.Header.BlockId);
        Forget(node.Value);
    }

    void PutBack(LinkedListNode<FinishedBlock> node)
    {
        blocks.AddFirst(node);
        Remember(node.Value);
    }

    void Replace(LinkedListNode<FinishedBlock> node, FinishedBlock gap)
    {
        Forget(node.Value);
        node.Value = gap;
        Remember(gap);
    }

    void Remember(FinishedBlock block)
    {
        waitingBytes += block.StoredBytes;
        if (block.IsInMemory) waitingInMemory += block.StoredBytes;
    }

    void Forget(FinishedBlock block)
    {
        waitingBytes -= block.StoredBytes;
        if (block.IsInMemory) waitingInMemory -= block.StoredBytes;
    }

    /// <summary>The gap record that takes the block's place; null where that was what could not be stored.</summary>
    FinishedBlock? GiveUp(FinishedBlock block, GapReason reason)
    {
        if (block.Header.Events > 0) return GapOf(block, reason);
        block.Spooled?.Settle();
        return null;
    }

    FinishedBlock GapOf(FinishedBlock block, GapReason reason)
    {
        var gap = block.ToGap(reason);
        if (block.Spooled?.TryGiveUp(gap.Bytes) == true) gap.Spooled = block.Spooled;
        counts = counts with { DroppedEvents = counts.DroppedEvents + block.Header.Events };
        return gap;
    }

    void MakeRoom()
    {
        // What is sent next stays in memory, if it may.
        for (var node = blocks.Last; node is not null && waitingInMemory > memoryBytes; node = node.Previous)
        {
            Forget(node.Value);
            node.Value.LeaveMemory();
            Remember(node.Value);
        }
        foreach (var streamClass in LeastNeededFirst)
        {
            for (var node = blocks.First; node is not null && IsOver; node = node.Next)
            {
                var block = node.Value;
                if (block.Header.Class != streamClass || block.Header.Events == 0 || waitingBytes + othersBytes <= capBytes && !block.IsInMemory) continue;
                var gap = GapOf(block, GapReason.Spool);
                // A record of a loss must not be why there is no room for what is not lost.
                if (waitingInMemory + gap.StoredBytes > memoryBytes) gap.LeaveMemory();
                Replace(node, gap);
            }
        }
    }
}
