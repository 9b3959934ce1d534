using Legion.Format;

namespace Legion.Sdk;

/// <summary>A batch on its way: what it carries, so that it can be taken back.</summary>
/// <param name="Bytes">The batch.</param>
/// <param name="RecordVersion">Version of the process record in it, 0 for none.</param>
sealed record Shipment(byte[] Bytes, IReadOnlyList<FinishedBlock> Blocks, IReadOnlyList<SchemaHash> Schemas, IReadOnlyList<Guid> Streams, ulong RecordVersion);

/// <summary>
/// What waits for the server, within a cap of bytes. Over it the oldest blocks become gap records, traces first, then metrics and the program's own events, then logs.
/// Schemas and the records of process and streams always stay, as a server may ask for them at any time.
/// </summary>
sealed class SendQueue(long capBytes)
{
    /// <summary>Aim for a batch: enough for one request to be worth its cost, few enough for its repetition to be cheap.</summary>
    const int BatchBytes = 1 << 20;

    /// <summary>Which blocks are given up first.</summary>
    static readonly StreamClass[] leastNeededFirst = [StreamClass.Trace, StreamClass.Metric, StreamClass.Other, StreamClass.Log];

    readonly Lock queueing = new();
    readonly LinkedList<FinishedBlock> blocks = [];
    readonly Dictionary<SchemaHash, Schema> schemas = [];
    readonly HashSet<SchemaHash> unsentSchemas = [];
    readonly Dictionary<Guid, StreamRecord> streams = [];
    readonly HashSet<Guid> unsentStreams = [];
    readonly HashSet<Guid> singly = [];
    ProcessRecord? process;
    ulong sentVersion;
    long waitingBytes;
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
        lock (queueing)
        {
            streams[record.StreamId] = record;
            unsentStreams.Add(record.StreamId);
        }
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
            blocks.AddLast(block);
            waitingBytes += block.Bytes.Length;
            if (waitingBytes > capBytes) MakeRoom();
        }
    }

    /// <summary>The next batch, or null when nothing waits. Until it is settled no other is taken.</summary>
    public Shipment? Take()
    {
        lock (queueing)
        {
            var taken = new List<FinishedBlock>();
            var bytes = 0L;
            while (blocks.First is { } first && (taken.Count == 0 || bytes + first.Value.Bytes.Length <= BatchBytes && !singly.Contains(first.Value.Header.BlockId)))
            {
                blocks.RemoveFirst();
                taken.Add(first.Value);
                bytes += first.Value.Bytes.Length;
                if (singly.Remove(first.Value.Header.BlockId)) break;
            }
            waitingBytes -= bytes;

            var writer = new BatchWriter();
            var version = process is not null && process.Version != sentVersion ? process.Version : 0;
            if (version != 0) writer.Add(process!);
            foreach (var id in unsentStreams) writer.Add(streams[id]);
            foreach (var hash in unsentSchemas) writer.Add(schemas[hash]);
            foreach (var block in taken) writer.AddBlock(block.Bytes);
            if (writer.Count == 0) return null;

            var shipment = new Shipment(writer.ToArray(), taken, [.. unsentSchemas], [.. unsentStreams], version);
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
            unsentSchemas.UnionWith(shipment.Schemas);
            unsentStreams.UnionWith(shipment.Streams);
            if (shipment.RecordVersion != 0) sentVersion = 0;
            PutBack(shipment.Blocks);
            if (oneByOne) singly.UnionWith(shipment.Blocks.Select(block => block.Header.BlockId));
        }
    }

    /// <summary>Acts on the answer to a batch that was read: counts what is stored, keeps what waits, gives up what is refused.</summary>
    public void Settle(Shipment shipment, AppendAnswer answer)
    {
        lock (queueing)
        {
            inFlight = false;
            unsentSchemas.UnionWith(answer.MissingSchemas.Where(schemas.ContainsKey));
            unsentStreams.UnionWith(answer.MissingStreams.Where(streams.ContainsKey));
            if (process is not null && answer.MissingProcesses.Contains(process.ProcessId)) sentVersion = 0;
            var again = new List<FinishedBlock>();
            foreach (var block in shipment.Blocks)
            {
                var id = block.Header.BlockId;
                if (answer.Refused.ContainsKey(id)) again.AddRange(GiveUp(block, GapReason.Damaged));
                else if (answer.Waiting.Contains(id) || !answer.Stored.Contains(id)) again.Add(block);
                else Count(block);
            }
            PutBack(again);
        }
    }

    /// <summary>Acts on the answer that the batch as a whole is stored, or conflicts with what is.</summary>
    public void SettleStored(Shipment shipment)
    {
        lock (queueing)
        {
            inFlight = false;
            foreach (var block in shipment.Blocks) Count(block);
        }
    }

    /// <summary>Gives the batch's blocks up: the server will never take them.</summary>
    public void SettleRefused(Shipment shipment)
    {
        lock (queueing)
        {
            inFlight = false;
            PutBack([.. shipment.Blocks.SelectMany(block => GiveUp(block, GapReason.Damaged))]);
        }
    }

    void Count(FinishedBlock block) => counts = counts with
    {
        StoredBlocks = counts.StoredBlocks + 1,
        StoredEvents = counts.StoredEvents + block.Header.Events,
        StoredBytes = counts.StoredBytes + block.Bytes.Length,
    };

    /// <summary>The block's gap record in its place; nothing where that was what could not be stored.</summary>
    FinishedBlock[] GiveUp(FinishedBlock block, GapReason reason)
    {
        counts = counts with { DroppedEvents = counts.DroppedEvents + block.Header.Events };
        return block.Header.Events == 0 ? [] : [block.ToGap(reason)];
    }

    void PutBack(IReadOnlyList<FinishedBlock> unsent)
    {
        for (var i = unsent.Count - 1; i >= 0; i--)
        {
            blocks.AddFirst(unsent[i]);
            waitingBytes += unsent[i].Bytes.Length;
        }
        if (waitingBytes > capBytes) MakeRoom();
    }

    void MakeRoom()
    {
        foreach (var streamClass in leastNeededFirst)
        {
            for (var node = blocks.First; node is not null && waitingBytes > capBytes; node = node.Next)
            {
                if (node.Value.Header.Class != streamClass || node.Value.Header.Events == 0) continue;
                waitingBytes -= node.Value.Bytes.Length;
                node.Value = GiveUp(node.Value, GapReason.Spool)[0];
                waitingBytes += node.Value.Bytes.Length;
            }
        }
    }
}
