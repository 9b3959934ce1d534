using System.Buffers.Binary;
using System.Text;

namespace Legion.Lakehouse.Tiles;

/// <summary>A span, or the spans of one stream and depth that begin in one step and are shorter than it.</summary>
/// <param name="Id">Of the longest span.</param>
/// <param name="DurationNs">Of the longest span, also where the tile cuts it.</param>
/// <param name="Offset">Steps from the tile's begin.</param>
/// <param name="Width">Steps.</param>
/// <param name="Name">Of the longest span.</param>
/// <param name="Lane">Index of the stream within its group.</param>
/// <param name="Busy">Covered share of the rectangle, of 255.</param>
public readonly record struct TileRectangle(ulong Id, ulong DurationNs, uint Offset, uint Width, string Name, uint Count, ushort Lane, ushort Depth, byte Busy);

/// <summary>
/// One cacheable piece of one level. Its bytes, little-endian: <c>LGTL</c>, u16 version, u16 level, i64 begin, u64 step, u32 rectangles, u32 strings;
/// then the columns u64 id, u64 duration, u32 offset, u32 width, u32 name, u32 count, u16 lane, u16 depth, u8 busy, zeros up to a multiple of 4;
/// then for each string u32 its end in the UTF-8 that follows.
/// </summary>
public sealed record Tile(int Level, long BeginNs, IReadOnlyList<TileRectangle> Rectangles)
{
    public const string MediaType = "application/vnd.legion.tile";

    const ushort Version = 1;
    const int HeaderBytes = 32;
    const int RectangleBytes = 37;

    static ReadOnlySpan<byte> Magic => "LGTL"u8;

    public byte[] ToBytes()
    {
        var count = Rectangles.Count;
        var names = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var rectangle in Rectangles) names.TryAdd(rectangle.Name, (uint)names.Count);
        var texts = names.Keys.Select(Encoding.UTF8.GetBytes).ToArray();

        var stringsAt = Align4(HeaderBytes + RectangleBytes * count);
        var blobAt = stringsAt + 4 * texts.Length;
        var bytes = new byte[checked(blobAt + texts.Sum(text => text.Length))];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)Level);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), BeginNs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), TileGrid.StepNs(Level));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), texts.Length);
        var columns = new Columns(count);
        for (var i = 0; i < count; i++)
        {
            var rectangle = Rectangles[i];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(columns.Id + 8 * i), rectangle.Id);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(columns.Duration + 8 * i), rectangle.DurationNs);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(columns.Offset + 4 * i), rectangle.Offset);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(columns.Width + 4 * i), rectangle.Width);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(columns.Name + 4 * i), names[rectangle.Name]);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(columns.Count + 4 * i), rectangle.Count);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(columns.Lane + 2 * i), rectangle.Lane);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(columns.Depth + 2 * i), rectangle.Depth);
            bytes[columns.Busy + i] = rectangle.Busy;
        }
        var end = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i].CopyTo(bytes.AsSpan(blobAt + end));
            end += texts[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(stringsAt + 4 * i), end);
        }
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no tile.</exception>
    public static Tile Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic)) throw new InvalidDataException($"tile: expected the magic LGTL and a header of {HeaderBytes} bytes, saw {bytes.Length} bytes");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version != Version) throw new InvalidDataException($"tile: expected version {Version}, saw {version}");
        var level = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        var stepNs = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        if (level > TileGrid.MaxLevel || stepNs != TileGrid.StepNs(level)) throw new InvalidDataException($"tile: expected a level up to {TileGrid.MaxLevel} and its step, saw level {level} and {stepNs} ns");

        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        var strings = BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);
        if (HeaderBytes + (long)RectangleBytes * count + 4L * strings > bytes.Length) throw new InvalidDataException($"tile: expected bytes for {count} rectangles and {strings} strings, saw {bytes.Length}");
        var names = ReadNames(bytes, Align4(HeaderBytes + RectangleBytes * (int)count), (int)strings);
        var columns = new Columns((int)count);
        var rectangles = new TileRectangle[count];
        for (var i = 0; i < rectangles.Length; i++)
        {
            var name = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(columns.Name + 4 * i)..]);
            if (name >= names.Length) throw new InvalidDataException($"tile: expected a name below {names.Length}, saw {name}");
            rectangles[i] = new TileRectangle(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[(columns.Id + 8 * i)..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[(columns.Duration + 8 * i)..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(columns.Offset + 4 * i)..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(columns.Width + 4 * i)..]),
                names[name],
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[(columns.Count + 4 * i)..]),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[(columns.Lane + 2 * i)..]),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[(columns.Depth + 2 * i)..]),
                bytes[columns.Busy + i]);
        }
        return new Tile(level, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), rectangles);
    }

    static string[] ReadNames(ReadOnlySpan<byte> bytes, int endsAt, int count)
    {
        var blobAt = endsAt + 4 * count;
        if (blobAt > bytes.Length) throw new InvalidDataException($"tile: expected {blobAt} bytes, saw {bytes.Length}");
        var blob = bytes[blobAt..];
        var names = new string[count];
        var begin = 0;
        for (var i = 0; i < count; i++)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(bytes[(endsAt + 4 * i)..]);
            if (end < begin || end > blob.Length) throw new InvalidDataException($"tile: expected string {i} to end between {begin} and {blob.Length}, saw {end}");
            names[i] = Encoding.UTF8.GetString(blob[begin..end]);
            begin = end;
        }
        if (begin != blob.Length) throw new InvalidDataException($"tile: expected {begin} bytes of strings, saw {blob.Length}");
        return names;
    }

    static int Align4(int bytes) => checked(bytes + 3) & ~3;

    /// <summary>Where the columns of a tile of so many rectangles begin.</summary>
    readonly struct Columns(int count)
    {
        public int Id { get; } = HeaderBytes;
        public int Duration { get; } = HeaderBytes + 8 * count;
        public int Offset { get; } = HeaderBytes + 16 * count;
        public int Width { get; } = HeaderBytes + 20 * count;
        public int Name { get; } = HeaderBytes + 24 * count;
        public int Count { get; } = HeaderBytes + 28 * count;
        public int Lane { get; } = HeaderBytes + 32 * count;
        public int Depth { get; } = HeaderBytes + 34 * count;
        public int Busy { get; } = HeaderBytes + 36 * count;
    }
}
