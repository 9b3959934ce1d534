using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>
/// The bytes of stored data. A test that fails here says that blocks, schemas or batches which users have stored read differently
/// or that others can no longer read what is written: put the code back, or give the format a new version beside the old one.
/// </summary>
public class FormatLock
{
    const string FirstWellKnownHash = "bd668acf231d1fe1237e59b8908d569839a195802e11658557c622a48c75a39a";
    const string WellKnownHash = "db0f866f2c20d97338fa84f9e60110da9494e34b9c63548894f7df2ec507fb7f";

    public static TheoryData<string> ExactFiles => [.. GoldenFiles.Exact.Keys];
    public static TheoryData<string> FirstBlockFiles => [.. GoldenFiles.FirstBlocks];
    public static TheoryData<string> BlockFiles => [.. GoldenFiles.Blocks, .. GoldenFiles.ColumnBlocks];
    public static TheoryData<string> ColumnFiles => [.. GoldenFiles.ColumnBlocks];

    [Theory, MemberData(nameof(ExactFiles))]
    public void GoldenBytesAreWrittenAgain(string name)
    {
        var written = GoldenFiles.Exact[name]();
        WriteIfAsked(name, written);
        var golden = GoldenFiles.Read(name);
        var differs = golden.AsSpan().CommonPrefixLength(written);
        Assert.True(golden.AsSpan().SequenceEqual(written),
            $"{name}: byte {differs} differs ({golden.Length} bytes stored, {written.Length} written). Data of this form is stored and cannot be rewritten: the writer may not change.");
    }

    [Fact]
    public void CompressedBlockHoldsTheSameContent()
    {
        WriteIfAsked(GoldenFiles.CompressedBlock, GoldenSpans.First(BlockEncoding.Rows));
        var golden = GoldenFiles.Read(GoldenFiles.CompressedBlock);
        Assert.Equal(BlockCodec.Lz4, BlockHeaderBytes.Read(golden, out _).Codec);
        Assert.Equal(GoldenFiles.Read("spans-0.block"), GoldenFiles.Uncompressed(golden));
        Assert.Equal(GoldenFiles.Read("spans-0.block"), GoldenFiles.Uncompressed(GoldenSpans.First(BlockEncoding.Rows)));
    }

    [Fact]
    public void WellKnownSchemaKeepsItsHash() => Assert.Equal(WellKnownHash, WellKnown.Schema.Hash.ToString());

    [Theory, MemberData(nameof(BlockFiles))]
    public void BlocksAreReadToTheirEnd(string name)
    {
        var block = Block.Read(GoldenFiles.Read(name));
        var events = block.ReadEvents(GoldenFiles.SchemaOf(name));
        var seen = 0u;
        while (events.Next())
            if (!events.Current.Type.IsGap) seen++;
        Assert.Equal(block.Header.Events, seen);
    }

    /// <summary>Order, ordinals and every byte of the rows.</summary>
    [Theory, MemberData(nameof(ColumnFiles))]
    public void ColumnsHoldTheSameEventsAsRows(string name)
    {
        var schema = GoldenFiles.SchemaOf(name);
        var columns = Block.Read(GoldenFiles.Read(name));
        Assert.Equal((ushort)BlockEncoding.Columns, columns.Header.Encoding);
        var rows = Block.Read(GoldenFiles.Read(name.Replace(".columns", ""))).ReadEvents(schema);
        var events = columns.ReadEvents(schema);
        while (rows.Next())
        {
            Assert.True(events.Next());
            Assert.Equal((rows.Current.TypeIndex, rows.Current.Ordinal), (events.Current.TypeIndex, events.Current.Ordinal));
            Assert.Equal(rows.Current.Body, events.Current.Body);
        }
        Assert.False(events.Next());
    }

    /// <summary>What the first files held is what today's writer writes, but for the schema that they name.</summary>
    [Theory, MemberData(nameof(FirstBlockFiles))]
    public void FirstBlocksAreReadByTheirOwnSchema(string name)
    {
        var block = Block.Read(GoldenFiles.ReadFirst(name));
        var first = block.ReadEvents(GoldenFiles.FirstSchema(name));
        var today = Block.Read(GoldenFiles.Read(name)).ReadEvents(GoldenFiles.SchemaOf(name));
        var seen = 0u;
        while (first.Next())
        {
            Assert.True(today.Next());
            Assert.Equal(today.Current.Type.Name, first.Current.Type.Name);
            Assert.Equal(today.Current.Ordinal, first.Current.Ordinal);
            Assert.Equal(today.Current.Body, first.Current.Body);
            if (!first.Current.Type.IsGap) seen++;
        }
        Assert.Equal(block.Header.Events, seen);
        Assert.Equal(FirstWellKnownHash, GoldenFiles.FirstSchema("").Hash.ToString());
    }

    [Fact]
    public void SpansAcrossBlocksHaveTheirTrueParentsAndTimes()
    {
        var blocks = GoldenFiles.Blocks.Where(name => name.StartsWith("spans-", StringComparison.Ordinal)).Select(name => Block.Read(GoldenFiles.Read(name)));
        Assert.Equal(GoldenSpans.MainRows, SpanRow.Read(WellKnown.Schema, blocks));
    }

    [Fact]
    public void EveryFieldTypeIsRead()
    {
        var block = Block.Read(GoldenFiles.Read("user.block"));
        var events = block.ReadEvents(GoldenUserType.Schema);
        Assert.True(events.Next());
        Assert.Equal(new Gap(4_000, 5_000, 2, 500, GapReason.Sampled), GapEvent.Read(events.Current.Type, events.Current.Body));
        Assert.True(events.Next());
        var type = events.Current.Type;
        var body = events.Current.Body.ToArray();
        Assert.Equal(2ul, events.Current.Ordinal);
        Assert.Equal([6_000ul, 200ul, 60_000ul, 4_000_000_000ul, ulong.MaxValue, 1ul, 1ul, 10_240ul],
            new[] { "tick", "u8", "u16", "u32", "u64", "bool", "state", "low_half_of_u32" }.Select(name => type.Find(name)!.ReadU64(body)));
        Assert.Equal([-2L, -3L, int.MinValue, long.MinValue, -70L], new[] { "i8", "i16", "i32", "i64", "delta" }.Select(name => type.Find(name)!.ReadI64(body)));
        Assert.Equal(0.5, type.Find("f32")!.ReadF64(body));
        Assert.Equal(Math.PI, type.Find("f64")!.ReadF64(body));
        Assert.Equal("ümlaut", type.Find("text")!.ReadString(body));
        Assert.Equal([0, 1, 254, 255], type.Find("raw")!.ReadBytes(body).ToArray());
        Assert.Equal([0xde, 0xad, 0xbe, 0xef], type.Find("digest")!.ReadBytes(body).ToArray());
        Assert.Equal([1, 0, 255, 255], type.Find("samples")!.ReadBytes(body).ToArray());
        Assert.Equal([Value.Of("five"), Value.Of(2.5)], type.Find("values")!.ReadValues(body));
        Assert.Equal([new Property("key", "five")], type.FindRole(FieldRole.Properties)!.ReadProperties(body));
        Assert.Equal(GoldenScene.Draw, block.Dependencies.Site(type.Find("site")!.ReadReference(body)));
        Assert.Equal("took {ms:F2}", block.Dependencies.Template(type.Find("template")!.ReadReference(body))!.Text);
        Assert.Equal("main", block.Dependencies.String(type.FindRole(FieldRole.Thread)!.ReadReference(body)));
        Assert.Null(block.Dependencies.PropertySet(type.Find("set")!.ReadReference(body)));
        Assert.Null(type.Find("a field of a later version"));
    }

    [Fact]
    public void BatchHoldsEveryRecordSchemaAndBlock()
    {
        var items = Batch.Read(GoldenFiles.Read("all.legion"));
        var process = ProcessRecord.Read(Only(BatchItemKind.Process)[0]);
        Assert.Equal(GoldenScene.Game with { Properties = process.Properties }, process);
        Assert.Equal(GoldenScene.Game.Properties, process.Properties);
        Assert.Equal(GoldenScene.StreamRecords.Select(stream => stream.ToBytes()), Only(BatchItemKind.Stream));
        Assert.Equal([WellKnown.Schema.Hash, GoldenUserType.Schema.Hash], Only(BatchItemKind.Schema).Select(bytes => Schema.Read(bytes).Hash));
        Assert.Equal(GoldenFiles.Blocks.Select(GoldenFiles.Read), Only(BatchItemKind.Block));

        List<byte[]> Only(BatchItemKind kind) => [.. items.Where(item => item.Kind == kind).Select(item => item.Bytes.ToArray())];
    }

    static void WriteIfAsked(string name, byte[] bytes)
    {
        var path = Path.Combine(GoldenFiles.Folder, name);
        if (Environment.GetEnvironmentVariable(GoldenFiles.WriteVariable) != "1" || File.Exists(path)) return;
        Directory.CreateDirectory(GoldenFiles.Folder);
        File.WriteAllBytes(path, bytes);
    }
}
