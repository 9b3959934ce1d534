namespace Legion.Lakehouse.Tiles;

/// <summary>Tiles of a view of a process, to travel inside a notebook or report.</summary>
/// <param name="Level">The level of the view's own tiles: the sharp one, or a coarser one where the limit asked for it.</param>
/// <param name="Tiles">By <see cref="TileAddress.Name"/>.</param>
public sealed record TileSet(TileManifest Manifest, int Level, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Tiles)
{
    public long Bytes => Tiles.Values.Sum(tile => (long)tile.Length);
}

/// <summary>Chooses the tiles of a set, the most important first, as long as they fit.</summary>
sealed class TileSetBuilder(SpanTiles tiles, TileManifest manifest, int maxBytes, CancellationToken cancellation)
{
    readonly Dictionary<string, ReadOnlyMemory<byte>> chosen = [];
    long bytes;

    /// <summary>
    /// The whole process coarsely, so that there is always something to draw, and once more a level coarser; the view at the level that is sharp, or at the first coarser one that fits;
    /// the levels between the two, for zooming out; and one finer level of the view.
    /// </summary>
    public async Task<TileSet> BuildAsync(long beginNs, long endNs, int pixels)
    {
        var (begin, end) = (Math.Max(beginNs, manifest.BeginNs), Math.Min(endNs, manifest.EndNs));
        if (begin >= end) (begin, end) = (manifest.BeginNs, manifest.EndNs);
        var overview = TileGrid.SharpLevel(manifest.EndNs - manifest.BeginNs, pixels, manifest.MaxLevel);
        var sharp = TileGrid.SharpLevel(end - begin, pixels, manifest.MaxLevel);

        while (!await TryAddAsync(overview, manifest.BeginNs, manifest.EndNs) && overview < manifest.MaxLevel) overview++;
        // Whoever has a narrower window than was thought, or zooms out beyond the process, finds the next coarser one sharp.
        if (overview < manifest.MaxLevel) await TryAddAsync(overview + 1, manifest.BeginNs, manifest.EndNs);
        var level = Math.Min(sharp, overview);
        while (level < overview && !await TryAddAsync(level, begin, end)) level++;
        for (var coarser = level + 1; coarser < overview; coarser++) await TryAddAsync(coarser, begin, end);
        if (level == sharp && level > 0) await TryAddAsync(level - 1, begin, end);
        return new TileSet(manifest, level, chosen);
    }

    /// <summary>Adds the tiles of all groups over a time, or none of them.</summary>
    async Task<bool> TryAddAsync(int level, long beginNs, long endNs)
    {
        var added = new List<(string Name, ReadOnlyMemory<byte> Bytes)>();
        var total = bytes;
        for (var index = TileGrid.Index(level, beginNs); index <= TileGrid.Index(level, endNs); index++)
        {
            foreach (var group in manifest.Groups)
            {
                var address = new TileAddress(manifest.ProcessId, group.Number, level, index);
                if (chosen.ContainsKey(address.Name)) continue;
                var tile = await tiles.TileAsync(address, group.Generation, cancellation);
                total += tile.Bytes.Length;
                if (total > maxBytes) return false;
                added.Add((address.Name, tile.Bytes));
            }
        }
        foreach (var (name, tile) in added) chosen.Add(name, tile);
        bytes = total;
        return true;
    }
}
