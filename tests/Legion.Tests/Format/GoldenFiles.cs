using System.Security.Cryptography;
using K4os.Compression.LZ4;
using Legion.Format;
using static Legion.Tests.Format.GoldenScene;

namespace Legion.Tests.Format;

/// <summary>
/// What the files under tests/data/format hold, by name. Blocks are stored without compression, because another version of the LZ4
/// library may compress otherwise; the one compressed block is compared by its content.
/// </summary>
static class GoldenFiles
{
    public const string CompressedBlock = "spans-0.lz4.block";

    /// <summary>Set to 1 for one run of the tests, this writes the files that do not exist yet. An existing file is never overwritten.</summary>
    public const string WriteVariable = "LEGION_WRITE_GOLDEN";

    public static string Folder { get; } = Path.Combine(RepositoryTree.Root, "tests", "data", "format");

    /// <summary>What was written when the well-known schema had its first eleven types. Such blocks are stored, and are read by the schema that they name.</summary>
    public static string FirstFolder { get; } = Path.Combine(Folder, "first");

    static readonly (string Name, Func<BlockEncoding, byte[]> Write)[] scenes =
    [
        ("spans-0", GoldenSpans.First), ("spans-1", GoldenSpans.Second), ("spans-2", GoldenSpans.Third), ("async", GoldenSpans.Worker), ("moments", GoldenSpans.Moments),
        ("logs", Logs), ("metrics", Metrics), ("counts", Counts), ("frames", Frames), ("user", GoldenUserType.Block), ("gaps", Gaps), ("attachments", Attachments),
    ];

    /// <summary>Every file that is compared byte for byte.</summary>
    public static IReadOnlyDictionary<string, Func<byte[]>> Exact { get; } = new Dictionary<string, Func<byte[]>>(
    [
        new("wellknown.schema", () => WellKnown.Schema.Bytes.ToArray()),
        new("user.schema", () => GoldenUserType.Schema.Bytes.ToArray()),
        .. scenes.Select(scene => KeyValuePair.Create(scene.Name + ".block", () => Uncompressed(scene.Write(BlockEncoding.Rows)))),
        .. scenes.Select(scene => KeyValuePair.Create(scene.Name + ".columns.block", () => Uncompressed(scene.Write(BlockEncoding.Columns)))),
        new("all.legion", All),
    ]);

    /// <summary>Blocks in encoding 0.</summary>
    public static string[] Blocks { get; } = [.. scenes.Select(scene => scene.Name + ".block")];

    /// <summary>The same events in encoding 1.</summary>
    public static string[] ColumnBlocks { get; } = [.. scenes.Select(scene => scene.Name + ".columns.block")];

    /// <summary>The schema of a block.</summary>
    public static Schema SchemaOf(string name) => name.StartsWith("user.", StringComparison.Ordinal) ? GoldenUserType.Schema : WellKnown.Schema;

    /// <summary>The blocks of <see cref="FirstFolder"/>.</summary>
    public static string[] FirstBlocks { get; } =
    [
        "spans-0.block", "spans-1.block", "spans-2.block", "async.block", "logs.block", "metrics.block", "user.block", "gaps.block", "attachments.block", CompressedBlock,
    ];

    public static byte[] ReadFirst(string name) => File.ReadAllBytes(Path.Combine(FirstFolder, name));

    /// <summary>The schema of a block of <see cref="FirstFolder"/>.</summary>
    public static Schema FirstSchema(string name) => Schema.Read(ReadFirst(name == "user.block" ? "user.schema" : "wellknown.schema"));

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    /// <summary>The same block with its content stored as it is.</summary>
    public static byte[] Uncompressed(byte[] block)
    {
        var header = BlockHeaderBytes.Read(block, out var headerBytes);
        var content = new byte[header.RawBytes];
        if (header.Codec == BlockCodec.Lz4) Assert.Equal(content.Length, LZ4Codec.Decode(block.AsSpan(headerBytes), content));
        else block.AsSpan(headerBytes).CopyTo(content);
        return WithContent(header with { Codec = BlockCodec.None }, content);
    }

    /// <summary>A block of this header and this stored content.</summary>
    public static byte[] WithContent(BlockHeader header, ReadOnlySpan<byte> stored)
    {
        var writer = new ByteWriter();
        BlockHeaderBytes.Write(writer, header with { StoredBytes = stored.Length });
        writer.Bytes(stored);
        return writer.ToArray();
    }

    static byte[] Logs(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var spawned = dependencies.Template(new Template("spawned {id} at {x:F2} by {who,10:x} {{really}}", Frame));
        var plain = dependencies.Template(new Template("größer als {n}: 🎮", Load));
        var player = dependencies.PropertySet([new("player", "ada"), new("score", 17L)]);
        var main = new ThreadReference(41, dependencies.String("main"));
        LogEvent.Write(block, 2_000, main, (byte)Level.Info, spawned, player, [Value.Of(7L), Value.Of(1.5), Value.Of("<b>bob</b>")]);
        LogEvent.Write(block, 1_500, new ThreadReference(42, FormatLimits.NoReference), (byte)Level.Fatal, plain, FormatLimits.NoReference, [Value.Of(ulong.MaxValue)]);
        LogEvent.Write(block, 2_500, main, 14, spawned, FormatLimits.NoReference, [Value.Null, Value.Of(true), Value.Of([0xca, 0xfe])]);
        LogEvent.Write(block, 2_600, main, (byte)Level.Debug, FormatLimits.NoReference, player, []);
        return block.Finish(Header(5, LogStream, StreamClass.Log, 0, (0, 4), 4, (1_500, 2_600)));
    }

    static byte[] Metrics(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var entities = dependencies.Site(new Site("entities", "Game.World", "World.cs", 90));
        var heap = dependencies.Site(new Site("heap", "Game.World", "World.cs", 91));
        var (count, bytes) = (dependencies.String("count"), dependencies.String("bytes"));
        var main = new ThreadReference(41, dependencies.String("main"));
        MetricEvent.Write(block, 1_000, 250, main, entities, count, dependencies.PropertySet([new("level", "forest")]));
        MetricEvent.Write(block, 8_000, -0.1, main, heap, bytes, FormatLimits.NoReference);
        MetricEvent.Write(block, 30_000, 1e300, main, heap, FormatLimits.NoReference, FormatLimits.NoReference);
        return block.Finish(Header(6, MetricStream, StreamClass.Metric, 0, (0, 3), 3, (1_000, 30_000)));
    }

    /// <summary>Increments, and a sample with a set that another event has too.</summary>
    static byte[] Counts(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var requests = dependencies.Site(new Site("requests", "Game.Net", "Net.cs", 33));
        var main = new ThreadReference(41, dependencies.String("main"));
        var ok = dependencies.PropertySet([new("status", 200L)]);
        CountEvent.Write(block, 1_000, 1, main, requests, FormatLimits.NoReference, ok);
        CountEvent.Write(block, 1_010, 2.5, main, requests, FormatLimits.NoReference, dependencies.PropertySet([new("status", 404L)]));
        MetricEvent.Write(block, 1_020, 7, main, requests, FormatLimits.NoReference, dependencies.PropertySet([new("status", 200L)]));
        return block.Finish(Header(11, MetricStream, StreamClass.Metric, 1, (3, 6), 3, (1_000, 1_020)));
    }

    static byte[] Frames(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var main = new ThreadReference(41, block.Dependencies.String("main"));
        var frame = block.Dependencies.Site(Frame);
        FrameEvent.Write(block, 2_000, 1_000, frame, 0, main, FormatLimits.NoReference);
        FrameEvent.Write(block, 2_950, 2_000, frame, 1, main, block.Dependencies.PropertySet([new("level", "forest")]));
        return block.Finish(Header(12, FrameStream, StreamClass.Metric, 0, (0, 2), 2, (2_000, 2_950)));
    }

    /// <summary>A block of the log stream that holds nothing but losses, one of each reason.</summary>
    static byte[] Gaps(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        GapEvent.Write(block, new Gap(3_000, 4_000, 10, 1_000, GapReason.Memory));
        GapEvent.Write(block, new Gap(4_000, 5_000, 20, 2_000, GapReason.Spool));
        GapEvent.Write(block, new Gap(5_000, 6_000, 30, 3_000, GapReason.Sampled));
        GapEvent.Write(block, new Gap(6_000, 7_000, 40, 4_000, GapReason.Damaged));
        GapEvent.Write(block, new Gap(7_000, 8_000, 50, 5_000, GapReason.Refused));
        return block.Finish(Header(8, LogStream, StreamClass.Log, 1, (4, 154), 0, (3_000, 8_000)) with { Flags = BlockFlags.ClockExtrapolated });
    }

    static byte[] Attachments(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        byte[] image = [0x89, .. "PNG and so on"u8];
        var hash = SHA256.HashData(image);
        AttachmentChunkEvent.Write(block, 8_000, Id(0x300), 0, 2, hash, "image/png", "screenshot", image.AsSpan(0, 10));
        AttachmentChunkEvent.Write(block, 8_001, Id(0x300), 1, 2, hash, "image/png", "screenshot", image.AsSpan(10));
        return block.Finish(Header(9, AttachmentStream, StreamClass.Other, 0, (0, 2), 2, (8_000, 8_001)));
    }

    static byte[] All()
    {
        var batch = new BatchWriter();
        batch.Add(Game);
        foreach (var stream in StreamRecords) batch.Add(stream);
        batch.Add(WellKnown.Schema);
        batch.Add(GoldenUserType.Schema);
        foreach (var name in Blocks) batch.AddBlock(Exact[name]());
        return batch.ToArray();
    }
}
