using System.Buffers.Binary;
using Legion.Lakehouse.Tiles;

namespace Legion.Tests.Tiles;

/// <summary>The bytes of a tile: browsers, notebooks and reports rely on them.</summary>
public sealed class TileBytesTests
{
    static readonly Tile Sample = new(2, 3 * TileGrid.TileNs(2),
    [
        new TileRectangle(7, 90_000, 0, 6, "größer <b>", 1, 0, 0, 255),
        new TileRectangle(ulong.MaxValue, 12, 2047, 1, "", 3_000_000_000, 15, 65_535, 1),
        new TileRectangle(9, 4, 5, 1, "größer <b>", 2, 15, 65_535, 0),
    ]);

    [Fact]
    public void ColumnsLieWhereReadersExpectThem()
    {
        var bytes = Sample.ToBytes();
        Assert.Equal("LGTL"u8, bytes.AsSpan(0, 4));
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4)));
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(6)));
        Assert.Equal(3L * 2048 * 16384, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(16384ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)));
        Assert.Equal(3u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24)));
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(28)));
        Assert.Equal(ulong.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32 + 8)));
        Assert.Equal(90_000ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32 + 24)));
        Assert.Equal(2047u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(32 + 48 + 4)));
        Assert.Equal(6u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(32 + 60)));
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(32 + 72 + 4)));
        Assert.Equal(3_000_000_000u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(32 + 84 + 4)));
        Assert.Equal(15, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(32 + 96 + 2)));
        Assert.Equal(65_535, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(32 + 102 + 2)));
        Assert.Equal(new byte[] { 255, 1, 0, 0 }, bytes[140..144]); // the column of three, and a zero up to a multiple of four
        Assert.Equal(12u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(144)));
        Assert.Equal("größer <b>"u8, bytes.AsSpan(152));
    }

    [Fact]
    public void ReadsWhatItWrote()
    {
        var read = Tile.Read(Sample.ToBytes());
        Assert.Equal((Sample.Level, Sample.BeginNs), (read.Level, read.BeginNs));
        Assert.Equal(Sample.Rectangles, read.Rectangles);
        Assert.Empty(Tile.Read(new Tile(0, 0, []).ToBytes()).Rectangles);
    }

    [Fact]
    public void AnyBytesAreATileOrInvalidData()
    {
        var random = new Random(1);
        var whole = Sample.ToBytes();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = whole.AsSpan(0, random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
            if (bytes.Length > 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (bytes.Length > 32 && random.Next(4) == 0) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(random.Next(2) == 0 ? 24 : 28), (uint)random.NextInt64(uint.MaxValue));
            try
            {
                Tile.Read(bytes);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 5_000, 20_000);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(512 * 1024, 0)]
    [InlineData(512 * 1024 + 1, 1)]
    [InlineData(4 * 512 * 1024, 1)]
    public void TheWholeIsAQuarterOfATile(long durationNs, int level) => Assert.Equal(level, TileGrid.LevelOfWhole(durationNs));

    [Fact]
    public void TheSharpLevelIsTheCoarsestOfTwoPixels()
    {
        // 4096 ns are two pixels where a pixel has 2048.
        Assert.Equal(0, TileGrid.SharpLevel(2047 * 1000, 1000, 20));
        Assert.Equal(1, TileGrid.SharpLevel(2048 * 1000, 1000, 20));
        Assert.Equal(3, TileGrid.SharpLevel(long.MaxValue, 1000, 3));
    }
}
