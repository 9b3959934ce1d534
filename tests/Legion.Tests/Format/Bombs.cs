using System.Diagnostics;
using K4os.Compression.LZ4;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Small or legal bytes that are built to cost a reader much memory or time.</summary>
public class Bombs
{
    const int Large = 60 << 20;

    public static TheoryData<string> Tables => ["strings", "property sets", "sites", "templates"];

    [Theory, MemberData(nameof(Tables))]
    public void MillionsOfDependenciesCostWhatTheyDeclare(string table)
    {
        var dependencies = new ByteWriter(Large + 4096);
        Fill(dependencies, table == "strings", [1, 0, 0, 0, (byte)'a']);
        Fill(dependencies, table == "property sets", [15, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, (byte)'k', 6, 1, 0, 0, 0, 7]);
        Fill(dependencies, table is "sites", [.. Enumerable.Repeat((byte)0xff, 12), 9, 0, 0, 0]);
        Fill(dependencies, table == "templates", [.. Enumerable.Repeat((byte)0xff, 8)]);
        var bytes = Compressed(dependencies.Written);
        AssertBounded(bytes, () => Block.Read(bytes));
    }

    [Fact]
    public void ContentBeyondTheLimitOrTheCodecsReachIsRefused()
    {
        var header = GoldenScene.Header(1, GoldenScene.LogStream, StreamClass.Log, 0, (0, 0), 0, (1_000, 1_500)) with { Codec = BlockCodec.Lz4 };
        foreach (var (declared, stored) in new[] { (FormatLimits.MaxContentBytes + 1, 1 << 20), (256, 1), (FormatLimits.MaxContentBytes, 1000) })
        {
            var bytes = GoldenFiles.WithContent(header with { EventBytes = declared }, new byte[stored]);
            Assert.Throws<InvalidDataException>(() => Block.Read(bytes));
        }
    }

    [Fact]
    public void HeadersFullOfUnknownEntriesCostWhatTheyDeclare()
    {
        var block = GoldenFiles.Read("logs.block");
        var header = BlockHeaderBytes.Read(block, out var headerBytes);
        var unknown = new ByteWriter();
        while (unknown.Length < FormatLimits.MaxHeaderBytes - headerBytes - 12)
        {
            unknown.U16(40);
            unknown.U32(0);
        }
        byte[] bytes = [.. block[..headerBytes], .. unknown.Written, .. block[headerBytes..]];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), headerBytes - BlockHeaderBytes.PrefixBytes + unknown.Length);
        Mutation.FixBlock(bytes);
        Assert.Equal(header.BlockId, Block.Read(bytes).Header.BlockId);
        AssertBounded(bytes, () => Block.Read(bytes));
    }

    [Fact]
    public void RecordsThatRepeatAnEntryAreRefused()
    {
        var bytes = new ByteWriter();
        bytes.Bytes(GoldenScene.Game.ToBytes());
        while (bytes.Length < 8 << 20)
        {
            bytes.U16(4);
            bytes.U32(0);
        }
        AssertBounded(bytes.ToArray(), () => Assert.Throws<InvalidDataException>(() => ProcessRecord.Read(bytes.Written)));
        AssertBounded(bytes.ToArray(), () => Assert.Throws<InvalidDataException>(() => StreamRecord.Read(bytes.Written)));
    }

    [Fact]
    public void BatchesOfEmptyItemsCostWhatTheyDeclare()
    {
        var batch = new BatchWriter();
        for (var i = 0; i < 2_000_000; i++) batch.AddBlock([]);
        var bytes = batch.ToArray();
        AssertBounded(bytes, () => Batch.Read(bytes));
    }

    [Fact]
    public void ManyKnotsAndManyTicksTakeLogarithmicTime()
    {
        var knots = new ClockKnot[170_000];
        for (var i = 0; i < knots.Length; i++) knots[i] = new ClockKnot((ulong)i * 10, i * 7L, 0);
        var clock = new BlockClock(0, knots);
        AssertQuick(() =>
        {
            for (ulong tick = 1_500_000; tick < 1_700_000; tick++) clock.Ns(tick);
        });
    }

    /// <summary>A gap record is read in the walk over the events, so that finding its field must not take longer where the type has many.</summary>
    [Fact]
    public void ManyGapsOfATypeWithManyFieldsTakeLinearTime()
    {
        var fields = Enumerable.Range(0, 30_000).Select(i => new Field($"f{i}", FieldType.U8, 0, 1));
        var type = new EventType(WellKnown.Gap, 1, 8, [.. fields, new Field("events", FieldType.U64, 0, 8)]);
        var block = new BlockWriter(new Schema([type]));
        for (var i = 0; i < 200_000; i++)
        {
            block.Events.U16(0);
            block.Events.U64(1);
        }
        var bytes = block.Finish(GoldenScene.Header(1, GoldenScene.LogStream, StreamClass.Log, 0, (0, 200_000), 0, (1_000, 1_500)));
        AssertQuick(() =>
        {
            var events = Block.Read(bytes).ReadEvents(Schema.Read(block.Schema.Bytes));
            while (events.Next()) Assert.True(events.Current.Type.IsGap);
        });
    }

    /// <summary>A byte an event is all that the types of such a block take, and each event stands for all the bytes of the constant.</summary>
    [Fact]
    public void ColumnsThatStandForMoreThanRowsCouldHoldAreRefused()
    {
        var type = new EventType("Text", 1, 0, [new Field("text", FieldType.String, 0, 8)]);
        const int events = 1 << 20, constant = 16 << 20;
        var columns = new ByteWriter(events + constant + 64);
        columns.U32(events);
        columns.Reserve(events).Fill(0x80);
        columns.U32(0);
        columns.U8(1);
        columns.Sized(new byte[constant]);
        AssertRefusedQuickly(new Schema([type]), columns, events);
    }

    [Fact]
    public void ColumnsOfTypesWithMuchFixedMemoryAreRefused()
    {
        var types = Enumerable.Range(0, 100).Select(i => new EventType($"T{i}", 1, FormatLimits.MaxFixedBytes, [])).ToArray();
        var columns = new ByteWriter();
        columns.U32((uint)types.Length);
        for (var i = 0; i < types.Length; i++) columns.U8((byte)(0x80 | i));
        columns.U32(0);
        AssertRefusedQuickly(new Schema(types), columns, (uint)types.Length);
    }

    /// <summary>What does not change from event to event is not put together for each of them.</summary>
    [Fact]
    public void ManyEventsOfATypeWithManyConstantFieldsTakeLinearTime()
    {
        var type = new EventType("Wide", 1, 8, [.. Enumerable.Range(0, 30_000).Select(i => new Field($"f{i}", FieldType.U8, 0, 1))]);
        const uint events = 1 << 20;
        var columns = new ByteWriter();
        columns.U32(events);
        columns.Reserve((int)events).Fill(0x80);
        columns.U32(0);
        foreach (var _ in type.Fields)
        {
            columns.U8(1);
            columns.Sized([7]);
        }
        var schema = new Schema([type]);
        var bytes = ColumnBlock(schema, columns, events);
        AssertQuick(() =>
        {
            var reader = Block.Read(bytes).ReadEvents(schema);
            while (reader.Next()) Assert.Equal(7, reader.Current.Body[0]);
        });
    }

    static void AssertRefusedQuickly(Schema schema, ByteWriter columns, uint events)
    {
        var bytes = ColumnBlock(schema, columns, events);
        AssertQuick(() => AssertBounded(bytes, () => Assert.Throws<InvalidDataException>(() =>
        {
            var reader = Block.Read(bytes).ReadEvents(schema);
            while (reader.Next()) Assert.False(reader.Current.Body.IsEmpty);
        })));
    }

    /// <summary>A block of these columns without dependencies, compressed.</summary>
    static byte[] ColumnBlock(Schema schema, ByteWriter columns, uint events)
    {
        byte[] content = [.. new byte[16], .. columns.Written];
        var stored = new byte[LZ4Codec.MaximumOutputSize(content.Length)];
        var storedBytes = LZ4Codec.Encode(content, stored);
        var header = GoldenScene.Header(1, GoldenScene.UserStream, StreamClass.Other, 0, (0, events), events, (1_000, 1_500));
        return GoldenFiles.WithContent(header with
        {
            Schema = schema.Hash, Encoding = (ushort)BlockEncoding.Columns, Codec = BlockCodec.Lz4, DependencyBytes = 16, EventBytes = columns.Length, Checksum = Crc32C.Of(content),
        }, stored.AsSpan(0, storedBytes));
    }

    static void Fill(ByteWriter writer, bool isLarge, byte[] row)
    {
        var count = isLarge ? (Large - writer.Length) / row.Length : 0;
        writer.U32((uint)count);
        for (var i = 0; i < count; i++) writer.Bytes(row);
    }

    static byte[] Compressed(ReadOnlySpan<byte> dependencies)
    {
        var stored = new byte[LZ4Codec.MaximumOutputSize(dependencies.Length)];
        var storedBytes = LZ4Codec.Encode(dependencies, stored);
        var header = GoldenScene.Header(1, GoldenScene.LogStream, StreamClass.Log, 0, (0, 0), 0, (1_000, 1_500));
        return GoldenFiles.WithContent(header with { Codec = BlockCodec.Lz4, DependencyBytes = dependencies.Length, Checksum = Crc32C.Of(dependencies) }, stored.AsSpan(0, storedBytes));
    }

    static void AssertBounded(byte[] bytes, Action read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        read();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationBound.Of(bytes));
    }

    /// <summary>Hundreds of times what the work takes, and a part of what it takes where time grows with the square.</summary>
    static void AssertQuick(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }
}
