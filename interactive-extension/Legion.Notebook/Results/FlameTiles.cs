using System.Globalization;
using System.IO.Enumeration;
using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;

namespace Legion.Notebook;

/// <summary>Tiles of those threads of a process that a flame chart shows.</summary>
sealed class FlameTiles
{
    readonly SpanTiles _tiles;

    // By group, the lanes that are left and where; null: all threads. Rectangles name their lane by its index among the
    // group's streams, so that they move with it.
    readonly Dictionary<int, Dictionary<ushort, ushort>>? _lanes;

    /// <param name="manifest">Of all threads.</param>
    /// <param name="glob">Names of the threads, with * and ?; case counts nothing. Null: all.</param>
    public FlameTiles(SpanTiles tiles, TileManifest manifest, string? glob)
    {
        _tiles = tiles;
        Manifest = manifest;
        if (glob is null)
            return;
        var lanes = manifest.Groups.ToDictionary(group => group.Number, group => LanesLeft(group, glob));
        _lanes = lanes;
        Manifest = manifest with
        {
            Groups = manifest.Groups.Select(group => group with { Streams = group.Streams.Where((_, lane) => lanes[group.Number].ContainsKey((ushort)lane)).ToList() }).ToList(),
        };
    }

    /// <summary>Of the threads that are shown.</summary>
    public TileManifest Manifest { get; }

    /// <summary>Whether some threads of the process are not shown.</summary>
    public bool IsPart => _lanes is not null;

    /// <summary>Tiles that show a view without any others, in at most so many bytes.</summary>
    public async Task<TileSet> ViewAsync(TimeRange range, int pixels, int mostBytes, CancellationToken cancel)
    {
        var set = await _tiles.ViewAsync(Manifest.ProcessId, range.BeginNs, range.EndNs, pixels, mostBytes, cancel);
        return set with { Manifest = Manifest, Tiles = set.Tiles.ToDictionary(pair => pair.Key, pair => OfThreads(GroupOf(pair.Key), pair.Value)) };
    }

    /// <summary>One tile by its name; null where there is none.</summary>
    /// <exception cref="FormatException">It is no name of a tile.</exception>
    public async Task<ReadOnlyMemory<byte>?> TileAsync(string name, CancellationToken cancel)
    {
        var address = AddressOf(name);
        try
        {
            var generation = address.Group < Manifest.Groups.Count ? Manifest.Groups[address.Group].Generation : null;
            return OfThreads(address.Group, (await _tiles.TileAsync(address, generation, cancel)).Bytes);
        }
        catch (NotInLakeException)
        {
            return null;
        }
    }

    /// <summary>Of a tile's name, <c>group/level/index</c>.</summary>
    public static int GroupOf(string tileName) => int.Parse(tileName.AsSpan(0, tileName.IndexOf('/')), NumberStyles.None, CultureInfo.InvariantCulture);

    TileAddress AddressOf(string name)
    {
        var parts = name.Split('/');
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var group)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new(Manifest.ProcessId, group, level, index)
            : throw new FormatException($"expected a tile as group/level/index, saw '{name}'");
    }

    ReadOnlyMemory<byte> OfThreads(int group, ReadOnlyMemory<byte> tile)
    {
        if (_lanes is null)
            return tile;
        // A group that the process has got since is none that is shown.
        var lanes = _lanes.GetValueOrDefault(group) ?? [];
        var all = Tile.Read(tile.Span);
        return (all with
        {
            Rectangles = all.Rectangles.Where(rectangle => lanes.ContainsKey(rectangle.Lane))
                .Select(rectangle => rectangle with { Lane = lanes[rectangle.Lane] }).ToList(),
        }).ToBytes();
    }

    static Dictionary<ushort, ushort> LanesLeft(TileGroup group, string glob)
    {
        var left = new Dictionary<ushort, ushort>();
        for (var lane = 0; lane < group.Streams.Count; lane++)
            if (FileSystemName.MatchesSimpleExpression(glob, group.Streams[lane].Name, ignoreCase: true))
                left.Add((ushort)lane, (ushort)left.Count);
        return left;
    }
}
