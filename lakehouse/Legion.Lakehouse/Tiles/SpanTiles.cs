using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;
using Legion.Store;

namespace Legion.Lakehouse.Tiles;

/// <summary>A tile as it travels.</summary>
/// <param name="Generation">That of its group which it was made from.</param>
public sealed record SpanTile(ReadOnlyMemory<byte> Bytes, string Generation);

/// <summary>What tiles there are by now, for somebody who looks at a time.</summary>
/// <param name="WantedPieces">Pieces of the pyramid that the time needs.</param>
/// <param name="ReadPieces">How many of them are there.</param>
public sealed record TileGlance(TileManifest Manifest, int WantedPieces, int ReadPieces);

/// <summary>
/// Flame-chart tiles of a lake's processes, made from the pyramid over their spans when somebody looks, and kept for a while.
/// Safe for use from several threads.
/// </summary>
public sealed class SpanTiles(Lake lake)
{
    /// <summary>A few hundred screens.</summary>
    const long KeptBytes = 64 << 20;

    const int KeptProcesses = 256;

    /// <summary>Pieces of the pyramid: a million items, so that the tiles of a view read each piece once.</summary>
    const long KeptItemBytes = 72 << 20;

    /// <summary>A piece that is rebuilt by somebody else takes its file with it: what needed it begins anew.</summary>
    const int Attempts = 4;

    /// <summary>Raised when the same spans make other tiles.</summary>
    const string Reduction = "spans 2";

    /// <summary>Begins the generations of processes that are read in part.</summary>
    const string PartPrefix = "part-";

    /// <summary>Processes that somebody looks at before all of their pyramid is there.</summary>
    const int KeptParts = 32;

    /// <summary>One for each piece of some processes of 10^9 spans.</summary>
    const int KeptBounds = 8192;

    readonly SlotTree pyramid = new(lake.Store, lake.Materializer, Views.SpanLevels, Views.SpanTops, SpanLevelRows.MergeAsync);
    readonly RecentValues<(TileAddress, string), SpanTile> tiles = new(KeptBytes, tile => tile.Bytes.Length + 256);
    readonly RecentValues<string, SpanItems> pieces = new(KeptItemBytes, items => items.Bytes + 256);
    readonly RecentValues<string, IReadOnlyDictionary<string, SpanBounds>> bounds = new(KeptBounds, _ => 1);
    readonly RecentValues<Guid, Reading> readings = new(KeptProcesses, _ => 1);
    readonly RecentValues<Guid, LookedPieces> looked = new(KeptParts, _ => 1);
    readonly RecentValues<Guid, Reading> parts = new(KeptParts, _ => 1);
    readonly SemaphoreSlim[] singleFlight = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];
    readonly SemaphoreSlim reducers = new(Environment.ProcessorCount);

    /// <summary>What was found of a process at one version.</summary>
    /// <param name="Version">The process's version before the reading: as long as it stands, so does the reading.</param>
    /// <param name="NewestNs">Where open spans are drawn to.</param>
    /// <param name="Roots">Pieces that hold all that was read: one, or none of a process without spans; more where there are parts that were not read.</param>
    /// <param name="Unread">Slots that nothing was read of.</param>
    sealed record Reading(long Version, ProcessSnapshot Snapshot, IReadOnlyList<SlotTreeNode> Roots, IReadOnlyList<Slot> Unread, long NewestNs, TileManifest Manifest);

    /// <summary>How deep the spans of a stream lie, and when.</summary>
    /// <param name="EndNs">Of those that have ended.</param>
    readonly record struct SpanBounds(int Depth, long BeginNs, long EndNs, bool HasOpen)
    {
        public static SpanBounds None => new(0, long.MaxValue, long.MinValue, false);

        public SpanBounds With(in SpanBounds other) => new(Math.Max(Depth, other.Depth), Math.Min(BeginNs, other.BeginNs), Math.Max(EndNs, other.EndNs), HasOpen || other.HasOpen);
    }

    /// <summary>What tiles there are. The pyramid over the process's spans is built for it where it is missing.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<TileManifest> ManifestAsync(Guid processId, CancellationToken cancellation = default) => (await ReadAsync(processId, cancellation)).Manifest;

    /// <summary>
    /// What tiles there are by now. Of slots that nobody has looked at yet nothing is read: there tiles show what the rows of blocks tell, see <see cref="TileManifest.Unread"/>.
    /// Those that the time needs are read from here on, and the same question some time later finds more. A process whose pyramid is there, and one as it was once, have nothing unread.
    /// </summary>
    /// <param name="window">What is looked at; null: all of it.</param>
    /// <param name="patience">How long to wait for what the time needs.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<TileGlance> GlanceAsync(Guid processId, TimeWindow? window, TimeSpan patience, CancellationToken cancellation = default)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (lake.FrozenVersion(processId) is not null || readings.TryGet(processId, out var known) && known.Version == process.Version)
            return new TileGlance(await ManifestAsync(processId, cancellation), 0, 0);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!looked.TryGet(processId, out var pieces) || pieces.Snapshot.Process.Version != process.Version)
                {
                    pieces = await LookedPieces.ReadAsync(lake.Materializer, await lake.SnapshotAsync(processId, cancellation), new BlockSource(lake.Store.Objects, lake.Store.Catalog, lake.Tenant), TimeProvider.System, cancellation);
                    looked.Put(processId, pieces);
                }
                var (wanted, read) = await pieces.LookAsync(window, patience, cancellation);
                if (pieces.State.Unread.Count == 0) return new TileGlance(await ManifestAsync(processId, cancellation), wanted, wanted);
                return new TileGlance((await PartAsync(pieces, cancellation)).Manifest, wanted, read);
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                looked.Remove(processId);
                process = await lake.FindProcessAsync(processId, cancellation);
            }
        }
    }

    /// <summary>One tile.</summary>
    /// <param name="generation">What the asker knows from a manifest: a kept tile of that generation is given even if there are newer ones.</param>
    /// <exception cref="NotInLakeException">There is no such process, group or level.</exception>
    public async Task<SpanTile> TileAsync(TileAddress address, string? generation = null, CancellationToken cancellation = default)
    {
        if (!address.IsOnGrid) throw new NotInLakeException($"there is no tile {address.Name}: levels go from 0 to {TileGrid.MaxLevel}, indexes begin at the Unix epoch");
        if (generation is not null && tiles.TryGet((address, generation), out var kept)) return kept;
        for (var attempt = 1; ; attempt++)
        {
            var reading = generation?.StartsWith(PartPrefix, StringComparison.Ordinal) == true && parts.TryGet(address.ProcessId, out var part) ? part : await ReadAsync(address.ProcessId, cancellation);
            var group = GroupOf(reading.Manifest, address);
            if (tiles.TryGet((address, group.Generation), out kept)) return kept;
            try
            {
                var tile = new SpanTile(await ReduceAsync(address, group, reading, cancellation), group.Generation);
                tiles.Put((address, group.Generation), tile);
                return tile;
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                readings.Remove(address.ProcessId);
                parts.Remove(address.ProcessId);
            }
        }
    }

    /// <summary>The tiles that show a view, and let somebody look around from there, in at most <paramref name="maxBytes"/> bytes (before base64).</summary>
    /// <param name="beginNs">Nanoseconds UTC. A view beside the process is one of all of it.</param>
    /// <param name="pixels">Width of the chart.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<TileSet> ViewAsync(Guid processId, long beginNs, long endNs, int pixels, int maxBytes = 2 << 20, CancellationToken cancellation = default) =>
        await new TileSetBuilder(this, await ManifestAsync(processId, cancellation), maxBytes, cancellation).BuildAsync(beginNs, endNs, pixels);

    static TileGroup GroupOf(TileManifest manifest, TileAddress address)
    {
        if (address.Group >= manifest.Groups.Count) throw new NotInLakeException($"there is no stream group {address.Group} in process '{address.ProcessId}': it has {manifest.Groups.Count}");
        if (address.Level > manifest.MaxLevel) throw new NotInLakeException($"there is no level {address.Level} of process '{address.ProcessId}': its coarsest is {manifest.MaxLevel}");
        return manifest.Groups[address.Group];
    }

    async Task<byte[]> ReduceAsync(TileAddress address, TileGroup group, Reading reading, CancellationToken cancellation)
    {
        var reduction = new TileReduction(address, group, reading.NewestNs);
        if (reading.Unread.Count > 0) reduction.Add(DensityOf(reading, address));
        if (!reading.Roots.Any(root => root.Overlaps(address.BeginNs, address.EndNs))) return reduction.ToTile().ToBytes();
        await reducers.WaitAsync(cancellation);
        try
        {
            var slots = new HashSet<int>();
            foreach (var root in reading.Roots) await AddAsync(root);
            if (slots.Count > 0)
            {
                var (partitions, _) = await lake.Materializer.MaterializeAsync(Views.Spans, reading.Snapshot, slot => slots.Contains(slot.Number), null, cancellation);
                using var held = new HeldFiles(lake.Store.Objects);
                PartitionRow[] read = [.. partitions.Where(partition => partition.Path.Length > 0).OrderBy(partition => partition.Slot)];
                foreach (var file in await held.AddAsync(read, SpanItems.SpanColumns, RowBounds.None, cancellation))
                    await SpanItems.ReadSpansAsync(file, address.BeginNs, address.EndNs, reduction.Add, cancellation);
            }
            return reduction.ToTile().ToBytes();

            // The coarsest pieces that are fine enough; of slots without one, the spans.
            async Task AddAsync(SlotTreeNode node)
            {
                if (!node.Overlaps(address.BeginNs, address.EndNs)) return;
                if (node.Level <= address.Level)
                {
                    foreach (var (stream, item) in (await ItemsAsync(node, cancellation)).All) reduction.Add(stream, item);
                    return;
                }
                if (node.Slot is { } slot) slots.Add(slot.Number);
                foreach (var child in node.Children) await AddAsync(child);
            }
        }
        finally
        {
            reducers.Release();
        }
    }

    static BlockDensity DensityOf(Reading reading, TileAddress address)
    {
        bool IsOfSpans(BlockRow block) => PartitionBuilder.Holds(Views.Spans, reading.Snapshot, block);
        return new BlockDensity([.. reading.Unread.Where(slot => slot.FirstNs < address.EndNs && slot.LastNs >= address.BeginNs).SelectMany(slot => slot.Blocks).Where(IsOfSpans)],
            reading.Unread.SelectMany(slot => slot.Blocks).Where(IsOfSpans));
    }

    async Task<SpanItems> ItemsAsync(SlotTreeNode node, CancellationToken cancellation)
    {
        if (pieces.TryGet(node.Partition.Path, out var kept)) return kept;
        using var held = new HeldFiles(lake.Store.Objects);
        var items = await SpanItems.ReadAsync((await held.AddAsync([node.Partition], columns: null, RowBounds.None, cancellation))[0], cancellation);
        pieces.Put(node.Partition.Path, items);
        return items;
    }

    /// <summary>Reads the process anew where it has changed, once for all who wait for it.</summary>
    async Task<Reading> ReadAsync(Guid processId, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (readings.TryGet(processId, out var known) && known.Version == process.Version) return known;
        var flight = singleFlight[(uint)processId.GetHashCode() % (uint)singleFlight.Length];
        await flight.WaitAsync(cancellation);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                process = await lake.FindProcessAsync(processId, cancellation);
                if (readings.TryGet(processId, out known) && known.Version == process.Version) return known;
                try
                {
                    var reading = await ReadAsync(process, cancellation);
                    readings.Put(processId, reading);
                    return reading;
                }
                catch (RemovedMeanwhileException) when (attempt < Attempts)
                {
                    // Somebody rebuilt, or removed, what it was made from.
                }
            }
        }
        finally
        {
            flight.Release();
        }
    }

    async Task<Reading> ReadAsync(ProcessRow process, CancellationToken cancellation)
    {
        var snapshot = await lake.SnapshotAsync(process.ProcessId, cancellation);
        var root = await pyramid.ReadAsync(snapshot, progress: null, cancellation);
        return await ReadingAsync(process.Version, snapshot, root is null ? [] : [root], [], cancellation);
    }

    /// <summary>What is there of a process by now.</summary>
    async Task<Reading> PartAsync(LookedPieces pieces, CancellationToken cancellation)
    {
        var snapshot = pieces.Snapshot;
        var (current, unread) = pieces.State;
        if (parts.TryGet(snapshot.Process.ProcessId, out var known) && known.Snapshot == snapshot && known.Unread.SequenceEqual(unread)) return known;
        var roots = await pyramid.MergeAsync(snapshot, current, [.. unread.Select(slot => slot.Number)], progress: null, cancellation);
        var reading = await ReadingAsync(snapshot.Process.Version, snapshot, roots, unread, cancellation);
        parts.Put(snapshot.Process.ProcessId, reading);
        return reading;
    }

    async Task<Reading> ReadingAsync(long version, ProcessSnapshot snapshot, IReadOnlyList<SlotTreeNode> roots, IReadOnlyList<Slot> unread, CancellationToken cancellation)
    {
        var newestNs = snapshot.NewestNs ?? snapshot.Process.LastSeenNs;
        var found = new Dictionary<string, SpanBounds>();
        void Add(string stream, in SpanBounds more) => found[stream] = found.TryGetValue(stream, out var known) ? known.With(more) : more;
        foreach (var root in roots)
            foreach (var (stream, own) in await BoundsAsync(root, cancellation)) Add(stream, own.HasOpen ? own with { EndNs = Math.Max(own.EndNs, newestNs) } : own);
        foreach (var block in unread.SelectMany(slot => slot.Blocks).Where(block => PartitionBuilder.Holds(Views.Spans, snapshot, block)))
            Add(block.StreamId.ToString(), new SpanBounds(1, block.BeginNs, block.EndNs, HasOpen: false));
        var streams = snapshot.Streams.Where(stream => stream.Class == StreamClass.Trace).OrderBy(stream => stream.Registration)
            .Select(stream => (stream, Bounds: found.GetValueOrDefault(stream.StreamId.ToString(), SpanBounds.None)))
            .Select(one => new StreamSpans(new TileStream(one.stream.StreamId, one.stream.Name, one.stream.ThreadId, Math.Min(one.Bounds.Depth, ushort.MaxValue)), one.Bounds)).ToArray();
        return new Reading(version, snapshot, roots, unread, newestNs, Manifest(snapshot, streams, roots, unread, newestNs));
    }

    async Task<IReadOnlyDictionary<string, SpanBounds>> BoundsAsync(SlotTreeNode node, CancellationToken cancellation)
    {
        if (bounds.TryGet(node.Partition.Path, out var kept)) return kept;
        var found = new Dictionary<string, SpanBounds>();
        foreach (var (stream, item) in (await ItemsAsync(node, cancellation)).All)
        {
            var own = new SpanBounds(item.Depth + 1, item.BeginNs, item.IsOpen ? long.MinValue : item.EndNs, item.IsOpen);
            found[stream] = found.TryGetValue(stream, out var known) ? known.With(own) : own;
        }
        bounds.Put(node.Partition.Path, found);
        return found;
    }

    readonly record struct StreamSpans(TileStream Stream, SpanBounds Bounds);

    static TileManifest Manifest(ProcessSnapshot snapshot, StreamSpans[] streams, IReadOnlyList<SlotTreeNode> roots, IReadOnlyList<Slot> unread, long newestNs)
    {
        var process = snapshot.Process;
        var hasSpans = streams.Any(stream => stream.Stream.Depth > 0);
        var beginNs = Math.Clamp(hasSpans ? streams.Min(stream => stream.Bounds.BeginNs) : process.StartNs, 0, TileGrid.EndNs);
        var endNs = Math.Clamp(hasSpans ? streams.Max(stream => stream.Bounds.EndNs) : process.LastSeenNs, beginNs, TileGrid.EndNs);
        var filled = snapshot.Slots.Where(slot => slot.Blocks.Count > 0).ToArray();
        var firstNs = Math.Clamp(filled.Select(slot => slot.FirstNs).DefaultIfEmpty(beginNs).Min(), 0, TileGrid.EndNs);
        var lastNs = Math.Clamp(filled.Select(slot => slot.LastNs).DefaultIfEmpty(endNs).Max(), firstNs, TileGrid.EndNs);
        var groups = streams.Chunk(TileGrid.LanesPerGroup).Select((chunk, number) => new TileGroup(number,
            Generation(roots, unread, chunk.Any(stream => stream.Bounds.HasOpen) ? newestNs : null), [.. chunk.Select(stream => stream.Stream)]));
        return new TileManifest(process.ProcessId, beginNs, endNs, TileGrid.LevelOfWhole(endNs - beginNs), [.. groups]) { FirstNs = firstNs, LastNs = lastNs, Unread = Ranges(unread) };
    }

    /// <summary>The times of slots, those that touch or overlap as one.</summary>
    static IReadOnlyList<(long BeginNs, long EndNs)> Ranges(IReadOnlyList<Slot> slots)
    {
        var ranges = new List<(long BeginNs, long EndNs)>();
        var last = -2;
        foreach (var slot in slots)
        {
            if (slot.Blocks.Count == 0) continue;
            if (slot.Number == last + 1 || ranges.Count > 0 && ranges[^1].EndNs >= slot.FirstNs) ranges[^1] = (ranges[^1].BeginNs, Math.Max(ranges[^1].EndNs, slot.LastNs));
            else ranges.Add((slot.FirstNs, slot.LastNs));
            last = slot.Number;
        }
        return ranges;
    }

    /// <summary>Hash of the pieces that tiles are made from. Open spans end at the newest time known, which is then one of them.</summary>
    static string Generation(IReadOnlyList<SlotTreeNode> roots, IReadOnlyList<Slot> unread, long? openUntilNs)
    {
        var pieces = new StringBuilder(Reduction).Append('\n').Append(CultureInfo.InvariantCulture, $"{openUntilNs}");
        foreach (var root in roots.OrderBy(root => root.Partition.Path, StringComparer.Ordinal)) Append(root);
        foreach (var slot in unread) pieces.Append('\n').Append(PartitionDetails.NameOf(slot.Blocks));
        return (unread.Count > 0 ? PartPrefix : "") + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pieces.ToString())).AsSpan(0, 12));

        void Append(SlotTreeNode node)
        {
            pieces.Append('\n').Append(node.Partition.Path);
            foreach (var child in node.Children) Append(child);
        }
    }
}
