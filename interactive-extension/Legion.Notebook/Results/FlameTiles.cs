using System.IO.Enumeration;
using Legion.Lakehouse.Tiles;

namespace Legion.Notebook;

/// <summary>Takes threads out of a set of tiles.</summary>
static class FlameTiles
{
    /// <summary>What is left with the threads whose names match.</summary>
    /// <param name="glob">With * and ?; case counts nothing.</param>
    public static TileSet OnlyThreads(TileSet set, string glob)
    {
        // Rectangles name their lane by its index among the group's streams, so that they move with it.
        var lanes = set.Manifest.Groups.ToDictionary(group => group.Number, group => LanesLeft(group, glob));
        var groups = set.Manifest.Groups.Select(group => group with { Streams = group.Streams.Where((_, lane) => lanes[group.Number].ContainsKey((ushort)lane)).ToList() });
        return set with
        {
            Manifest = set.Manifest with { Groups = groups.ToList() },
            Tiles = set.Tiles.ToDictionary(pair => pair.Key, pair => (ReadOnlyMemory<byte>)Move(Tile.Read(pair.Value.Span), lanes[GroupOf(pair.Key)]).ToBytes()),
        };
    }

    /// <summary>Of a tile's name, <c>group/level/index</c>.</summary>
    public static int GroupOf(string tileName) => int.Parse(tileName.AsSpan(0, tileName.IndexOf('/')));

    static Dictionary<ushort, ushort> LanesLeft(TileGroup group, string glob)
    {
        var left = new Dictionary<ushort, ushort>();
        for (var lane = 0; lane < group.Streams.Count; lane++)
            if (FileSystemName.MatchesSimpleExpression(glob, group.Streams[lane].Name, ignoreCase: true))
                left.Add((ushort)lane, (ushort)left.Count);
        return left;
    }

    static Tile Move(Tile tile, Dictionary<ushort, ushort> lanes) => tile with
    {
        Rectangles = tile.Rectangles.Where(rectangle => lanes.ContainsKey(rectangle.Lane))
            .Select(rectangle => rectangle with { Lane = lanes[rectangle.Lane] }).ToList(),
    };
}
