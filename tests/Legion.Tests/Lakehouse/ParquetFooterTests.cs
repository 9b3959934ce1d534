using Legion.Lakehouse;

namespace Legion.Tests.Lakehouse;

public sealed class ParquetFooterTests
{
    /// <summary>Of one row group with the column "a", whose 64 bytes begin at 4 with a dictionary; fields that nobody reads stand between.</summary>
    static byte[] Footer =>
    [
        0x15, 0x04, // 1, version: 2
        0x19, 0x1C, 0x48, 0x01, (byte)'r', 0x00, // 2, schema: a list of one element, which has 4, a name
        0x16, 0x0A, // 3, rows: 5
        0x19, 0x1C, // 4, row groups: a list of one
            0x19, 0x1C, // 1, columns: a list of one
                0x26, 0x08, // 2, offset: 4
                0x1C, // 3, metadata
                    0x15, 0x04, // 1, type: 2
                    0x19, 0x15, 0x00, // 2, encodings: a list of one
                    0x19, 0x18, 0x01, (byte)'a', // 3, path
                    0x15, 0x0C, // 4, codec
                    0x16, 0x0A, 0x16, 0xC8, 0x01, 0x16, 0x80, 0x01, // 5 values, 100 bytes, 64 compressed
                    0x26, 0x28, // 9, data: 20
                    0x26, 0x08, // 11, dictionary: 4
                    0x1C, // 12, statistics
                        0x36, 0x00, // 3, nulls: none
                        0x28, 0x08, 9, 0, 0, 0, 0, 0, 0, 0, // 5, greatest
                        0x18, 0x08, 7, 0, 0, 0, 0, 0, 0, 0, // 6, least
                        0x11, // 7, exact
                        0x00,
                    0x00,
                0x00,
            0x16, 0xC8, 0x01, // 2, bytes
            0x00,
        0x28, 0x01, (byte)'w', // 6, writer
        0x00,
    ];

    [Fact]
    public void A_footer_says_where_columns_lie_and_between_what_their_values_are() =>
        Assert.Equal([new ParquetChunk("a", 4, 64, 7, 9)], Assert.Single(ParquetFooter.Read(Footer)));

    [Fact]
    public void Whatever_the_bytes_are_they_are_a_footer_or_bad_data()
    {
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Footer;
            for (var flips = random.Next(1, 4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                ParquetFooter.Read(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.True(refused > 5000, $"{refused} refused");
    }
}
