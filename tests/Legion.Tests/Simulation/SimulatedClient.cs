using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Simulation;

/// <summary>
/// An instrumented program with a spool: it sends its blocks, in whatever batches, until each is acknowledged; a network loses and repeats what it sends and what it hears.
/// It is restarted now and then, and then has forgotten what it heard last.
/// </summary>
sealed class SimulatedClient : Actor
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromSeconds(2), LongestSilence = TimeSpan.FromHours(8);

    readonly SimulatedLake lake;
    readonly Func<SimulatedNode> anyNode;
    readonly Recording[] streams;
    readonly Dictionary<Guid, List<byte[]>> sent = [];
    readonly Dictionary<Guid, Recording> streamOf = [];
    readonly List<Guid> waiting = [];
    readonly List<Guid> heard = [];
    bool sendsRecords = true;

    /// <param name="blocks">How many it records.</param>
    public SimulatedClient(World world, SimulatedLake lake, Func<SimulatedNode> anyNode, int blocks) : base(world, TimeSpan.Zero)
    {
        this.lake = lake;
        this.anyNode = anyNode;
        ProcessId = NewId();
        streams = [new Recording { ProcessId = ProcessId, StreamId = NewId() }, new Recording { ProcessId = ProcessId, StreamId = NewId(), Class = StreamClass.Log }];
        for (var i = 0; i < blocks; i++)
        {
            var id = NewId();
            streamOf[id] = streams[world.Random.Next(2)];
            sent[id] = [streamOf[id].Block(spans: 1, id)];
            waiting.Add(id);
        }
        Begin(SendAsync);
    }

    public Guid ProcessId { get; }

    public bool IsDone => waiting.Count == 0;

    /// <summary>All blocks by their id, each in every form in which it was sent.</summary>
    public IReadOnlyDictionary<Guid, List<byte[]>> Sent => sent;

    async Task SendAsync()
    {
        while (true)
        {
            await WaitAsync(waiting.Count == 0 || World.Chance(0.05) ? LongestSilence * World.Random.NextDouble() : Pause * World.Random.NextDouble());
            if (World.Chance(0.05)) Restart();
            if (waiting.Count == 0 && !World.HasFaults) return;
            if (waiting.Count == 0) continue;
            var ids = waiting.OrderBy(_ => World.Random.Next()).Take(World.Random.Next(1, 4)).ToArray();
            if (await PostAsync(Batch(ids)) is { } answer) Hear(answer);
        }
    }

    IReadOnlyList<BatchItem> Batch(Guid[] ids)
    {
        var writer = new BatchWriter();
        if (sendsRecords)
        {
            writer.Add(streams[0].Process);
            foreach (var stream in streams) writer.Add(stream.Stream);
            writer.Add(WellKnown.Schema);
        }
        foreach (var id in ids)
        {
            // A newer program may encode the same cut otherwise, and give up what it has no room for.
            if (World.Chance(0.03)) sent[id].Add(streamOf[id].Block(spans: 2, id));
            writer.AddBlock(sent[id][^1]);
        }
        return Legion.Format.Batch.Read(writer.ToArray());
    }

    /// <returns>Null where nothing was heard in time, or it was to come again later.</returns>
    async Task<AppendAnswer?> PostAsync(IReadOnlyList<BatchItem> items)
    {
        var reply = new TaskCompletionSource<AppendAnswer?>();
        for (var copies = World.Chance(0.1) ? 2 : 1; copies > 0; copies--)
        {
            if (World.Chance(0.1)) continue; // lost on its way
            World.After(World.Delay(), null, () =>
            {
                var node = anyNode();
                node.Receive(items, answer =>
                {
                    if (!World.Chance(0.15)) World.After(World.Delay(), this, () => reply.TrySetResult(answer));
                });
            });
        }
        World.After(Patience, this, () => reply.TrySetResult(null));
        return await reply.Task;
    }

    void Hear(AppendAnswer answer)
    {
        if (answer.IsMissingSomething) sendsRecords = true;
        else sendsRecords = false;
        foreach (var block in answer.Blocks)
        {
            switch (block.Code)
            {
                case BlockCode.Stored or BlockCode.Exists or BlockCode.Conflict:
                    lake.Acknowledged(ProcessId, block.BlockId);
                    if (waiting.Remove(block.BlockId)) heard.Add(block.BlockId);
                    break;
                case BlockCode.Refused:
                    throw new InvalidDataException($"block {block.BlockId} was refused: {block.Reason}");
            }
        }
    }

    /// <summary>What it heard last was not written down before it died, so the block still lies in the spool.</summary>
    void Restart()
    {
        sendsRecords = true;
        foreach (var id in heard.TakeLast(World.Random.Next(3))) waiting.Add(id);
        heard.RemoveAll(waiting.Contains);
    }

    Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        World.Random.NextBytes(bytes);
        var milliseconds = Clock.GetUtcNow().ToUnixTimeMilliseconds() + World.Random.Next(7_200_000);
        for (var i = 0; i < 6; i++) bytes[i] = (byte)(milliseconds >> 8 * (5 - i));
        bytes[6] = (byte)(0x70 | bytes[6] & 0x0F);
        bytes[8] = (byte)(0x80 | bytes[8] & 0x3F);
        return new Guid(bytes, bigEndian: true);
    }
}
