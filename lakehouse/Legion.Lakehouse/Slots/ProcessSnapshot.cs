using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// A process at one version: its streams, its blocks up to that arrival, and the slots they lie in.
/// What is built from it may be rebuilt later and gives the same rows.
/// </summary>
public sealed class ProcessSnapshot
{
    readonly Dictionary<Guid, StreamRow> streams;
    readonly ILookup<Guid, BlockRow> blocksByStream;

    /// <param name="asked">The version that somebody asked for, where blocks came after it.</param>
    ProcessSnapshot(ProcessRow process, IReadOnlyList<StreamRow> streams, IReadOnlyList<BlockRow> blocks, IReadOnlyList<Slot> slots, long? asked)
    {
        Process = process;
        Streams = streams;
        Slots = slots;
        IsNewest = asked is null;
        Version = asked ?? Math.Max(process.RemovedVersion, blocks.Count == 0 ? 0 : blocks.Max(block => block.Arrival));
        this.streams = streams.ToDictionary(stream => stream.StreamId);
        blocksByStream = blocks.ToLookup(block => block.StreamId);
    }

    public ProcessRow Process { get; }

    /// <summary>In order of registration.</summary>
    public IReadOnlyList<StreamRow> Streams { get; }

    public IReadOnlyList<Slot> Slots { get; }

    /// <summary>Whether it has every block that is there. What is built from another is older than what may be published already.</summary>
    public bool IsNewest { get; }

    /// <summary>The newest arrival among its blocks, or the last removal; of an older one the version that was asked for.</summary>
    public long Version { get; }

    /// <summary>End of its last block, nanoseconds UTC; null where it has none. A slot may have none: all of its blocks came later, or were removed.</summary>
    public long? NewestNs => Slots.Where(slot => slot.Blocks.Count > 0).Max(slot => (long?)slot.LastNs);

    /// <summary>Events that the producer dropped, and those of blocks that never came.</summary>
    public long LostEvents => blocksByStream.Sum(stream =>
    {
        var (lost, next) = (0L, 0ul);
        foreach (var block in stream)
        {
            if ((block.Flags & BlockFlags.Unnumbered) == 0 && block.FirstOrdinal > next) lost += (long)(block.FirstOrdinal - next);
            lost += (long)(block.NextOrdinal - block.FirstOrdinal) - block.Events;
            next = block.NextOrdinal;
        }
        return lost;
    });

    public StreamRow? Stream(Guid id) => streams.GetValueOrDefault(id);

    /// <summary>All blocks of a stream, in order of sequence.</summary>
    public IEnumerable<BlockRow> BlocksOf(Guid streamId) => blocksByStream[streamId];

    /// <summary>Reads the processes of these ids that exist, and cuts their slots where that is due.</summary>
    /// <param name="versions">Of each process that has one, blocks that arrived later are left out; null: all are there.</param>
    public static async Task<IReadOnlyList<ProcessSnapshot>> ReadAsync(
        ICatalog catalog, Tenant tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellation, IReadOnlyDictionary<Guid, long>? versions = null)
    {
        var processes = await catalog.ReadProcessesAsync(tenant, ids, cancellation);
        // In this order: a stream is registered before its first block arrives, so that the stream of each block is there.
        var blocks = (await catalog.ReadBlocksAsync(tenant, ids, cancellation)).ToLookup(block => block.ProcessId);
        var streams = (await catalog.ReadStreamsAsync(tenant, ids, cancellation)).ToLookup(stream => stream.ProcessId);
        var snapshots = new List<ProcessSnapshot>();
        foreach (var process in processes)
        {
            var own = blocks[process.ProcessId].ToArray();
            var cuts = await CutAsync(catalog, tenant, process.ProcessId, own, cancellation);
            // Cut by all blocks, as slots are the same for every snapshot.
            var asked = versions is not null && versions.TryGetValue(process.ProcessId, out var version) && own.Any(block => block.Arrival > version) ? version : (long?)null;
            if (asked is not null) own = own.Where(block => block.Arrival <= asked).ToArray();
            snapshots.Add(new ProcessSnapshot(process, streams[process.ProcessId].ToArray(), own, SlotCuts.Divide(cuts, own), asked));
        }
        return snapshots;
    }

    static async Task<IReadOnlyList<SlotCut>> CutAsync(ICatalog catalog, Tenant tenant, Guid processId, BlockRow[] blocks, CancellationToken cancellation)
    {
        while (true)
        {
            var cuts = await catalog.ReadSlotsAsync(tenant, processId, cancellation);
            var won = true;
            var added = false;
            foreach (var cut in SlotCuts.Missing(cuts, blocks).ToArray())
            {
                added = true;
                won &= await catalog.AddSlotAsync(tenant, processId, cut.Slot, cut.BeginNs, cancellation);
                if (!won) break; // somebody else cuts this process too: go on from what is there now
            }
            if (!added) return cuts;
        }
    }
}
