using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse.Tiles;

/// <summary>A tile as it travels.</summary>
/// <param name="Generation">That of its group which it was made from.</param>
public sealed record SpanTile(ReadOnlyMemory<byte> Bytes, string Generation);

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

    readonly SlotTree pyramid = new(lake.Store, lake.Materializer, Views.SpanLevels, Views.SpanTops, SpanLevelRows.MergeAsync);
    readonly RecentValues<(TileAddress, string), SpanTile> tiles = new(KeptBytes, tile => tile.Bytes.Length + 256);
    readonly RecentValues<string, SpanItems> pieces = new(KeptItemBytes, items => items.Bytes + 256);
    readonly RecentValues<Guid, Reading> readings = new(KeptProcesses, _ => 1);
    readonly SemaphoreSlim[] singleFlight = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];
    readonly SemaphoreSlim reducers = new(Environment.ProcessorCount);

    /// <summary>What was found of a process at one version.</summary>
    /// <param name="Version">The process's version before the reading: as long as it stands, so does the reading.</param>
    /// <param name="NewestNs">Where open spans are drawn to.</param>
    /// <param name="Root">Null for a process without spans.</param>
    sealed record Reading(long Version, ProcessSnapshot Snapshot, SlotTreeNode? Root, long NewestNs, TileManifest Manifest);

    /// <summary>What tiles there are. The pyramid over the process's spans is built for it where it is missing.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<TileManifest> ManifestAsync(Guid processId, CancellationToken cancellation = default) => (await ReadAsync(processId, cancellation)).Manifest;

    /// <summary>One tile.</summary>
    /// <param name="generation">What the asker knows from a manifest: a kept tile of that generation is given even if there are newer ones.</param>
    /// <exception cref="NotInLakeException">There is no such process, group or level.</exception>
    public async Task<SpanTile> TileAsync(TileAddress address, string? generation = null, CancellationToken cancellation = default)
    {
        if (!address.IsOnGrid) throw new NotInLakeException($"there is no tile {address.Name}: levels go from 0 to {TileGrid.MaxLevel}, indexes begin at the Unix epoch");
        if (generation is not null && tiles.TryGet((address, generation), out var kept)) return kept;
        for (var attempt = 1; ; attempt++)
        {
            var reading = await ReadAsync(address.ProcessId, cancellation);
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
        if (reading.Root is null || !reading.Root.Overlaps(address.BeginNs, address.EndNs)) return reduction.ToTile().ToBytes();
        await reducers.WaitAsync(cancellation);
        try
        {
            var slots = new HashSet<int>();
            await AddAsync(reading.Root);
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
        var newestNs = snapshot.NewestNs ?? process.LastSeenNs;
        var found = new Dictionary<string, (int Depth, long BeginNs, long EndNs, bool HasOpen)>();
        if (root is not null)
            foreach (var (stream, item) in (await ItemsAsync(root, cancellation)).All)
            {
                var spans = found.GetValueOrDefault(stream, (Depth: 0, BeginNs: long.MaxValue, EndNs: long.MinValue, HasOpen: false));
                found[stream] = (Math.Max(spans.Depth, item.Depth + 1), Math.Min(spans.BeginNs, item.BeginNs), Math.Max(spans.EndNs, item.IsOpen ? newestNs : item.EndNs), spans.HasOpen || item.IsOpen);
            }
        var streams = snapshot.Streams.Where(stream => stream.Class == StreamClass.Trace).OrderBy(stream => stream.Registration)
            .Select(stream => found.TryGetValue(stream.StreamId.ToString(), out var spans)
                ? new StreamSpans(new TileStream(stream.StreamId, stream.Name, stream.ThreadId, Math.Min(spans.Depth, ushort.MaxValue)), spans.BeginNs, spans.EndNs, spans.HasOpen)
                : new StreamSpans(new TileStream(stream.StreamId, stream.Name, stream.ThreadId, 0), long.MaxValue, long.MinValue, false)).ToArray();
        return new Reading(process.Version, snapshot, root, newestNs, Manifest(snapshot, streams, root, newestNs));
    }

    readonly record struct StreamSpans(TileStream Stream, long BeginNs, long EndNs, bool HasOpen);

    static TileManifest Manifest(ProcessSnapshot snapshot, StreamSpans[] streams, SlotTreeNode? root, long newestNs)
    {
        var process = snapshot.Process;
        var hasSpans = streams.Any(stream => stream.Stream.Depth > 0);
        var beginNs = Math.Clamp(hasSpans ? streams.Min(stream => stream.BeginNs) : process.StartNs, 0, TileGrid.EndNs);
        var endNs = Math.Clamp(hasSpans ? streams.Max(stream => stream.EndNs) : process.LastSeenNs, beginNs, TileGrid.EndNs);
        var filled = snapshot.Slots.Where(slot => slot.Blocks.Count > 0).ToArray();
        var firstNs = Math.Clamp(filled.Select(slot => slot.FirstNs).DefaultIfEmpty(beginNs).Min(), 0, TileGrid.EndNs);
        var lastNs = Math.Clamp(filled.Select(slot => slot.LastNs).DefaultIfEmpty(endNs).Max(), firstNs, TileGrid.EndNs);
        var groups = streams.Chunk(TileGrid.LanesPerGroup).Select((chunk, number) => new TileGroup(number,
            Generation(root, chunk.Any(stream => stream.HasOpen) ? newestNs : null), [.. chunk.Select(stream => stream.Stream)]));
        return new TileManifest(process.ProcessId, beginNs, endNs, TileGrid.LevelOfWhole(endNs - beginNs), [.. groups]) { FirstNs = firstNs, LastNs = lastNs };
    }

    /// <summary>Hash of the pieces that tiles are made from. Open spans end at the newest time known, which is then one of them.</summary>
    static string Generation(SlotTreeNode? root, long? openUntilNs)
    {
        var pieces = new StringBuilder(Reduction).Append('\n').Append(CultureInfo.InvariantCulture, $"{openUntilNs}");
        Append(root);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pieces.ToString())).AsSpan(0, 12));

        void Append(SlotTreeNode? node)
        {
            if (node is null) return;
            pieces.Append('\n').Append(node.Partition.Path);
            foreach (var child in node.Children) Append(child);
        }
    }
}
