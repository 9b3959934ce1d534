using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse.Tiles;

/// <summary>A tile as it travels.</summary>
/// <param name="Generation">Its group's generation; null where the process moved on faster than it could be read, so that nobody may keep the tile.</param>
public sealed record SpanTile(ReadOnlyMemory<byte> Bytes, string? Generation);

/// <summary>
/// Flame-chart tiles of a lake's processes, made from their spans when somebody looks, and kept for a while.
/// Safe for use from several threads.
/// </summary>
public sealed class SpanTiles(Lake lake)
{
    /// <summary>A few hundred screens.</summary>
    const long KeptBytes = 64 << 20;

    const int KeptProcesses = 256;

    /// <summary>A reading that overlaps a rebuild is repeated; a process that is rebuilt faster than it is read is answered as it comes.</summary>
    const int Attempts = 3;

    /// <summary>Raised when the same spans make other tiles.</summary>
    const string Reduction = "spans 1";

    readonly RecentValues<(TileAddress, string), SpanTile> tiles = new(KeptBytes, tile => tile.Bytes.Length + 256);
    readonly RecentValues<Guid, Reading> readings = new(KeptProcesses, _ => 1);
    readonly SemaphoreSlim[] singleFlight = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];
    readonly SemaphoreSlim reducers = new(Environment.ProcessorCount);

    /// <summary>What was found of a process at one state of its partitions.</summary>
    /// <param name="Version">The process's version before the reading: as long as it stands, so does the reading.</param>
    /// <param name="NewestNs">Where open spans are drawn to.</param>
    /// <param name="HasOpen">By group: whether it has spans that are still open.</param>
    sealed record Reading(long Version, string Partitions, long NewestNs, IReadOnlyList<bool> HasOpen, TileManifest Manifest);

    /// <summary>What tiles there are. All of the process's spans are materialized for it.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<TileManifest> ManifestAsync(Guid processId, CancellationToken cancellation = default)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (readings.TryGet(processId, out var known) && known.Version == process.Version && known.Partitions == await PartitionsAsync(processId, cancellation)) return known.Manifest;
        return (await ReadAsync(processId, cancellation)).Manifest;
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
            var partitions = await PartitionsAsync(address.ProcessId, cancellation);
            if (!readings.TryGet(address.ProcessId, out var reading) || reading.Partitions != partitions) reading = await ReadAsync(address.ProcessId, cancellation);
            var group = GroupOf(reading.Manifest, address);
            if (tiles.TryGet((address, group.Generation), out kept)) return kept;
            var bytes = await ReduceAsync(address, group, reading, cancellation);
            if (await PartitionsAsync(address.ProcessId, cancellation) == reading.Partitions)
            {
                var tile = new SpanTile(bytes, group.Generation);
                tiles.Put((address, group.Generation), tile);
                return tile;
            }
            if (attempt == Attempts) return new SpanTile(bytes, null);
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
        if (address.EndNs <= reading.Manifest.BeginNs || address.BeginNs > reading.Manifest.EndNs) return new Tile(address.Level, address.BeginNs, []).ToBytes();
        await reducers.WaitAsync(cancellation);
        try
        {
            return (await SpanReduction.RunAsync(lake, address, group, reading.Manifest.Groups.Count == 1, reading.HasOpen[group.Number], reading.NewestNs, cancellation)).ToBytes();
        }
        finally
        {
            reducers.Release();
        }
    }

    /// <summary>Reads the process anew, once for all who wait for it.</summary>
    async Task<Reading> ReadAsync(Guid processId, CancellationToken cancellation)
    {
        var flight = singleFlight[(uint)processId.GetHashCode() % (uint)singleFlight.Length];
        await flight.WaitAsync(cancellation);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var process = await lake.FindProcessAsync(processId, cancellation);
                var before = await PartitionsAsync(processId, cancellation);
                if (readings.TryGet(processId, out var known) && known.Version == process.Version && known.Partitions == before) return known;
                var blocks = await lake.Store.Catalog.ReadBlocksAsync(lake.Tenant, [processId], cancellation);
                var (streams, newestNs) = await ReadStreamsAsync(process, cancellation);
                var after = await PartitionsAsync(processId, cancellation);
                if (before != after && attempt < Attempts) continue;
                var hasOpen = streams.Chunk(TileGrid.LanesPerGroup).Select(chunk => chunk.Any(stream => stream.HasOpen)).ToArray();
                var reading = new Reading(process.Version, after, newestNs, hasOpen, Manifest(process, blocks, streams, hasOpen, after, newestNs));
                readings.Put(processId, reading);
                return reading;
            }
        }
        finally
        {
            flight.Release();
        }
    }

    readonly record struct StreamSpans(TileStream Stream, long BeginNs, long EndNs, bool HasOpen);

    async Task<(StreamSpans[], long NewestNs)> ReadStreamsAsync(ProcessRow process, CancellationToken cancellation)
    {
        using var result = await lake.QueryAsync(
            "SELECT stream_id, max(depth)::BIGINT, min(begin_ns), max(coalesce(end_ns, begin_ns)), count(*) - count(end_ns) FROM spans WHERE process_id = $process GROUP BY stream_id",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process.ProcessId } }, cancellation);
        var newestNs = result.Receipt.NewestNs ?? process.LastSeenNs;
        var found = new Dictionary<Guid, (int Depth, long BeginNs, long EndNs, bool HasOpen)>();
        using (var rows = result.ReadRows(cancellation))
            while (rows.Read())
                found.Add(Guid.Parse(rows.Text(0)), ((int)Math.Min(rows.Int64(1) + 1, ushort.MaxValue), rows.Int64(2), rows.Int64(3), rows.Int64(4) > 0));
        var streams = (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, [process.ProcessId], cancellation))
            .Where(stream => stream.Class == StreamClass.Trace).OrderBy(stream => stream.Registration)
            .Select(stream => found.TryGetValue(stream.StreamId, out var spans)
                ? new StreamSpans(new TileStream(stream.StreamId, stream.Name, stream.ThreadId, spans.Depth), spans.BeginNs, spans.HasOpen ? Math.Max(spans.EndNs, newestNs) : spans.EndNs, spans.HasOpen)
                : new StreamSpans(new TileStream(stream.StreamId, stream.Name, stream.ThreadId, 0), long.MaxValue, long.MinValue, false));
        return (streams.ToArray(), newestNs);
    }

    static TileManifest Manifest(ProcessRow process, IReadOnlyList<BlockRow> blocks, StreamSpans[] streams, bool[] hasOpen, string partitions, long newestNs)
    {
        var hasSpans = streams.Any(stream => stream.Stream.Depth > 0);
        var beginNs = Math.Clamp(hasSpans ? streams.Min(stream => stream.BeginNs) : process.StartNs, 0, TileGrid.EndNs);
        var endNs = Math.Clamp(hasSpans ? streams.Max(stream => stream.EndNs) : process.LastSeenNs, beginNs, TileGrid.EndNs);
        var firstNs = Math.Clamp(blocks.Select(block => block.BeginNs).DefaultIfEmpty(beginNs).Min(), 0, TileGrid.EndNs);
        var lastNs = Math.Clamp(blocks.Select(block => block.EndNs).DefaultIfEmpty(endNs).Max(), firstNs, TileGrid.EndNs);
        var groups = streams.Chunk(TileGrid.LanesPerGroup).Select((chunk, number) => new TileGroup(number,
            Generation(partitions, hasOpen[number] ? newestNs : null), [.. chunk.Select(stream => stream.Stream)]));
        return new TileManifest(process.ProcessId, beginNs, endNs, TileGrid.LevelOfWhole(endNs - beginNs), [.. groups]) { FirstNs = firstNs, LastNs = lastNs };
    }

    /// <summary>Open spans end at the newest time known, which is then a part of what the tiles are made from.</summary>
    static string Generation(string partitions, long? openUntilNs) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Reduction}\n{openUntilNs}\n{partitions}"))).AsSpan(0, 12));

    /// <summary>The generations of the process's partitions of <c>spans</c>, one line each.</summary>
    async Task<string> PartitionsAsync(Guid processId, CancellationToken cancellation)
    {
        var rows = await lake.Store.Catalog.ReadPartitionsAsync(lake.Tenant, Views.Spans.Name, [processId], cancellation);
        return string.Join('\n', rows.OrderBy(row => row.Slot).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Slot} {row.Generation} {row.Path}")));
    }
}
