using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>
/// The reader in Python decodes LZ4 by itself. A length of 15 in a token goes on in bytes up to the first below 255, so that a byte of 15, 254 or 255 there
/// is where a decoder goes wrong.
/// </summary>
public class PythonLz4Tests
{
    const int LeastMatch = 4;

    static readonly Schema Raw = new([new EventType("Raw", 1, 0, [new Field("tick", FieldType.Tick, 0, 8), new Field("data", FieldType.Bytes, 8, 8)])]);

    /// <summary>Empty tables, then all of an event up to its data: type, length, tick, place of the data.</summary>
    const int BytesBeforeData = 16 + 2 + 4 + 8 + 8;

    /// <summary>Random bytes with which the data begin, so that matches of this distance have something to repeat.</summary>
    const int FirstLiterals = 40;

    /// <summary>Sequences written by hand, so that each length is there whatever the LZ4 library prefers.</summary>
    [Fact]
    public void LengthsThatGoOnInFurtherBytes()
    {
        int[] extensions = [0, 1, 15, 239, 240, 254, 255, 256, 270, 509, 510, 525];
        var blocks = new List<byte[]>();
        foreach (var literals in extensions)
            foreach (var match in extensions)
                foreach (var distance in new[] { 1, 7, FirstLiterals })
                    blocks.Add(HandCompressed(blocks.Count, 15 + literals, LeastMatch + 15 + match, distance));
        AssertSameData(blocks);
    }

    /// <summary>What the writer's own LZ4 makes of runs of every length between random bytes.</summary>
    [Fact]
    public void RunsOfEveryLength()
    {
        var random = new Random(15);
        var blocks = new List<byte[]>();
        for (var run = 0; run < 600; run += 20)
        {
            var writer = new BlockWriter(Raw);
            for (var length = run; length < run + 20; length++)
            {
                var data = new byte[length / 3 + length + 12];
                random.NextBytes(data);
                data.AsSpan(length / 3, length).Fill(7);
                Append(writer, data);
            }
            blocks.Add(writer.Finish(Header(blocks.Count, events: 20)));
        }
        Assert.All(blocks.Skip(1), block => Assert.Equal(BlockCodec.Lz4, Block.Read(block).Header.Codec));
        AssertSameData(blocks);
    }

    /// <summary>A block of one event in three sequences: a short one, then so many literals and a match of so many bytes, then the last literals, which LZ4 wants to be five.</summary>
    static byte[] HandCompressed(int number, int literals, int match, int distance)
    {
        const int lastLiterals = 5;
        var data = new byte[FirstLiterals + LeastMatch + literals + match + lastLiterals];
        new Random(number).NextBytes(data);
        Repeat(data, FirstLiterals, LeastMatch, distance: 1);
        Repeat(data, FirstLiterals + LeastMatch + literals, match, distance);
        var writer = new BlockWriter(Raw);
        Append(writer, data);
        var block = GoldenFiles.Uncompressed(writer.Finish(Header(number, events: 1)));
        var header = BlockHeaderBytes.Read(block, out var headerBytes);

        var stored = new ByteWriter();
        AddSequence(stored, block.AsSpan(headerBytes, BytesBeforeData + FirstLiterals), LeastMatch, 1);
        AddSequence(stored, data.AsSpan(FirstLiterals + LeastMatch, literals), match, distance);
        stored.U8(lastLiterals << 4);
        stored.Bytes(data.AsSpan(data.Length - lastLiterals));
        return GoldenFiles.WithContent(header with { Codec = BlockCodec.Lz4 }, stored.Written);
    }

    static void Repeat(byte[] data, int start, int count, int distance)
    {
        for (var at = start; at < start + count; at++) data[at] = data[at - distance];
    }

    static void AddSequence(ByteWriter stored, ReadOnlySpan<byte> literals, int match, int distance)
    {
        stored.U8((byte)(Math.Min(literals.Length, 15) << 4 | Math.Min(match - LeastMatch, 15)));
        Extend(stored, literals.Length);
        stored.Bytes(literals);
        stored.U16((ushort)distance);
        Extend(stored, match - LeastMatch);
    }

    static void Extend(ByteWriter stored, int length)
    {
        if (length < 15) return;
        for (length -= 15; length >= 255; length -= 255) stored.U8(255);
        stored.U8((byte)length);
    }

    static void Append(BlockWriter block, ReadOnlySpan<byte> data)
    {
        var position = block.Begin(0);
        block.Events.U64(2_000);
        block.Events.U64(0);
        var start = block.Events.Length;
        block.Events.Bytes(data);
        block.Point(position, 8, start);
        block.End(0, position);
    }

    static BlockHeader Header(int number, uint events) =>
        GoldenScene.Header(number, GoldenScene.UserStream, StreamClass.Other, (ulong)number, ((ulong)number * events, (ulong)(number + 1) * events), events, (2_000, 2_000));

    static void AssertSameData(IReadOnlyList<byte[]> blocks)
    {
        var batch = new BatchWriter();
        batch.Add(Raw);
        foreach (var block in blocks) batch.AddBlock(block);
        var (exitCode, lines) = PythonReader.RunOn(batch.ToArray(), "legion_reader.py", "--events=Raw");
        Assert.Equal([], lines.Where(line => line.TryGetProperty("error", out _)).Select(line => line.ToString()));
        Assert.Equal(0, exitCode);
        Assert.Equal(blocks.SelectMany(DataOf), PythonReader.Events(lines).Select(row => row.GetProperty("data").GetString()!));
    }

    static List<string> DataOf(byte[] bytes)
    {
        var data = new List<string>();
        var events = Block.Read(bytes).ReadEvents(Raw);
        while (events.Next()) data.Add(Convert.ToHexStringLower(events.Current.Type.Find("data")!.ReadBytes(events.Current.Body)));
        return data;
    }
}
