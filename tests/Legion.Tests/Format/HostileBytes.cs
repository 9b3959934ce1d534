using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Whatever bytes arrive, a reader gives events or <see cref="InvalidDataException"/>, and never asks for much more memory than the bytes declare.</summary>
public class HostileBytes
{
    const int Cases = 25_000;
    const int Seed = 20_261_122;

    static readonly string[] BlockNames = [.. GoldenFiles.Blocks, .. GoldenFiles.ColumnBlocks, GoldenFiles.CompressedBlock];

    [Fact]
    public void MutatedBlocks() => EachCase((random, mutation) =>
    {
        var (block, schema) = AnyBlock(random);
        var bytes = mutation.Of(block, AnyBlock(random).Block);
        if (random.Next(4) != 0) Mutation.FixBlock(bytes);
        return (bytes, () => ReadBlock(bytes, schema, random));
    });

    [Fact]
    public void MutatedContentsWithTheirChecksums() => EachCase((random, mutation) =>
    {
        var (block, schema) = AnyBlock(random);
        var bytes = mutation.Rebuild(GoldenFiles.Uncompressed(block), schema.Hash, content => mutation.Of(content, block));
        return (bytes, () => ReadBlock(bytes, schema, random));
    });

    [Fact]
    public void MutatedSchemasWithBlocksThatNameThem() => EachCase((random, mutation) =>
    {
        var (block, schema) = AnyBlock(random);
        var schemaBytes = mutation.Of(schema.Bytes.ToArray(), WellKnown.Schema.Bytes.ToArray());
        var bytes = mutation.Rebuild(GoldenFiles.Uncompressed(block), Mutation.HashOf(schemaBytes), content => content);
        return ([.. schemaBytes, .. bytes], () => ReadBlock(bytes, Schema.Read(schemaBytes), random));
    });

    [Fact]
    public void MutatedBatches() => EachCase((random, mutation) =>
    {
        var bytes = mutation.Of(GoldenFiles.Read("all.legion"), AnyBlock(random).Block);
        if (random.Next(4) != 0) Mutation.FixBatch(bytes);
        return (bytes, () => ReadBatch(bytes, random));
    }, Cases / 10);

    [Fact]
    public void MutatedRecords() => EachCase((random, mutation) =>
    {
        var stream = GoldenScene.StreamRecords[random.Next(GoldenScene.StreamRecords.Count)].ToBytes();
        var isProcess = random.Next(2) == 0;
        var bytes = mutation.Of(isProcess ? GoldenScene.Game.ToBytes() : stream, stream);
        return (bytes, () => _ = isProcess ? (object)ProcessRecord.Read(bytes) : StreamRecord.Read(bytes));
    });

    [Fact]
    public void BytesOfNoForm() => EachCase((random, _) =>
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        if (bytes.Length >= 6) new[] { "LGBK\u0001\0"u8.ToArray(), "LGBT\u0001\0"u8.ToArray(), "LGSC\u0001\0"u8.ToArray() }[random.Next(3)].CopyTo(bytes, 0);
        return (bytes, () => Block.Read(bytes));
    });

    /// <summary>Runs the cases; each gives the bytes and what reads them.</summary>
    static void EachCase(Func<Random, Mutation, (byte[] Bytes, Action Read)> make, int cases = Cases)
    {
        for (var i = 0; i < cases; i++)
        {
            var random = new Random(Seed + i);
            var (bytes, read) = make(random, new Mutation(random));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read();
            }
            catch (InvalidDataException)
            {
                // One of the two outcomes that are allowed.
            }
            catch (Exception exception)
            {
                Assert.Fail($"case {i}: {exception}\n{Convert.ToBase64String(bytes)}");
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var most = AllocationBound.Of(bytes);
            Assert.True(allocated <= most, $"case {i}: {bytes.Length} bytes made the reader allocate {allocated}, at most {most} are allowed\n{Convert.ToBase64String(bytes)}");
        }
    }

    static (byte[] Block, Schema Schema) AnyBlock(Random random)
    {
        var name = BlockNames[random.Next(BlockNames.Length)];
        return (Golden(name), GoldenFiles.SchemaOf(name));
    }

    static byte[] Golden(string name)
    {
        lock (Files) return Files.TryGetValue(name, out var bytes) ? bytes : Files[name] = GoldenFiles.Read(name);
    }

    static readonly Dictionary<string, byte[]> Files = [];

    static void ReadBatch(byte[] bytes, Random random)
    {
        Batch.TotalBytes(bytes);
        foreach (var item in Batch.Read(bytes))
        {
            switch (item.Kind)
            {
                case BatchItemKind.Process: ProcessRecord.Read(item.Bytes.Span); break;
                case BatchItemKind.Stream: StreamRecord.Read(item.Bytes.Span); break;
                case BatchItemKind.Schema: Schema.Read(item.Bytes.Span); break;
                case BatchItemKind.Block: ReadBlock(item.Bytes.ToArray(), WellKnown.Schema, random); break;
            }
        }
    }

    /// <summary>Reads all that a block holds, and one field of each event as if it were of another type.</summary>
    static void ReadBlock(byte[] bytes, Schema schema, Random random)
    {
        var block = Block.Read(bytes);
        _ = (block.Header.BeginNs, block.Header.EndNs);
        foreach (var span in block.Header.OpenSpans) block.Dependencies.Site(span.Site);
        foreach (var context in block.Header.OpenContexts) block.Dependencies.PropertySet(context);
        Assert.All(block.Dependencies.Templates, template => Assert.NotNull(template.Site.Name));
        Assert.All(block.Dependencies.PropertySets, Assert.NotNull);
        var events = block.ReadEvents(schema);
        while (events.Next())
        {
            var type = events.Current.Type;
            var body = events.Current.Body;
            if (type.IsGap) GapEvent.Read(type, body);
            if (type.FindRole(FieldRole.Time) is { } time) block.Header.Clock.Ns(time.ReadU64(body));
            foreach (var field in type.Fields) ReadField(block, field, field.Type, body);
            if (type.Fields.Count > 0) ReadField(block, type.Fields[random.Next(type.Fields.Count)], (FieldType)random.Next(1, 25), body);
        }
    }

    static void ReadField(Block block, Field field, FieldType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FieldType.F32 or FieldType.F64: field.ReadF64(body); break;
            case FieldType.I8 or FieldType.I16 or FieldType.I32 or FieldType.I64 or FieldType.TickDelta: field.ReadI64(body); break;
            case FieldType.String: field.ReadString(body); break;
            case FieldType.Bytes or FieldType.FixedBytes or FieldType.Array: field.ReadBytes(body); break;
            case FieldType.Values: field.ReadValues(body); break;
            case FieldType.Properties: field.ReadProperties(body); break;
            case FieldType.SiteReference: block.Dependencies.Site(field.ReadReference(body)); break;
            case FieldType.TemplateReference: block.Dependencies.Template(field.ReadReference(body)); break;
            case FieldType.StringReference: block.Dependencies.String(field.ReadReference(body)); break;
            case FieldType.PropertySetReference: block.Dependencies.PropertySet(field.ReadReference(body)); break;
            default: field.ReadU64(body); break;
        }
    }
}
