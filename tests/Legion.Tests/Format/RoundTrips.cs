using CsCheck;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Whatever is written is read back as it was.</summary>
public class RoundTrips
{
    static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 0, 20], Gen.OneOf("", "größer", "🎮", "\0", "<script>"));

    static readonly Gen<Value> AnyValue = Gen.OneOf(
        Gen.Const(Value.Null), Gen.Bool.Select(Value.Of), Gen.Long.Select(Value.Of), Gen.ULong.Select(Value.Of), Gen.Double.Select(Value.Of),
        Text.Select(text => Value.Of(text)), Gen.Byte.Array[0, 40].Select(bytes => Value.Of(bytes)));

    static readonly Gen<Property[]> Properties = Gen.Select(Text, AnyValue, (key, value) => new Property(key, value)).Array[0, 8];

    static readonly Gen<Guid> Id = Gen.Guid;

    static readonly Gen<KeyValuePair<string, string>[]> Attributes =
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 6], Text).Array[0, 4].Select(pairs =>
            pairs.DistinctBy(pair => pair.Item1).OrderBy(pair => pair.Item1, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)).ToArray());

    static readonly Gen<EventType> AnyType =
        from name in Gen.String[Gen.Char.AlphaNumeric, 1, 12]
        from version in Gen.UInt
        from attributes in Attributes
        from isFixed in Gen.Bool
        from fields in Gen.Select(Gen.Enum<FieldType>(), Gen.Enum<FieldType>(), Gen.Int[0, 200], Gen.Int[0, 3], Attributes).Array[0, 12]
        select MakeType(name, version, attributes, isFixed, fields);

    static readonly Gen<BlockClock> AnyClock =
        from offset in Gen.Long
        from start in Gen.ULong[0, 1ul << 60]
        from steps in Gen.Select(Gen.ULong[1, 1ul << 50], Gen.Long[0, 1L << 50], Gen.Long).Array[1, 6]
        select MakeClock(offset, start, steps);

    static readonly Gen<OpenSpan> AnySpan =
        from ticks in Gen.Select(Gen.ULong, Gen.Long, Gen.ULong)
        from references in Gen.Select(Gen.UInt, Gen.UInt)
        from name in Text
        from arguments in Properties
        select new OpenSpan { Ordinal = 0, BeginTick = ticks.Item1, BeginNs = ticks.Item2, ChildTicks = ticks.Item3, Site = references.Item1, ContextDepth = references.Item2, Name = name, Arguments = arguments };

    static readonly Gen<BlockHeader> AnyHeader =
        from ids in Gen.Select(Id, Id, Id, Gen.Byte.Array[32])
        from streamClass in Gen.Enum<StreamClass>()
        from encoding in Gen.UShort
        from flags in Gen.UInt
        from numbers in Gen.Select(Gen.ULong, Gen.ULong[0, 1ul << 62], Gen.UInt, Gen.ULong[0, 1ul << 32])
        from ticks in Gen.Select(Gen.ULong, Gen.ULong)
        from clock in AnyClock
        from spans in AnySpan.Array[0, 5]
        from contexts in Gen.UInt.Array[0, 5]
        from sizes in Gen.Select(Gen.Int[0, FormatLimits.MaxContentBytes / 2], Gen.Int[0, FormatLimits.MaxContentBytes / 2], Gen.Int[0, FormatLimits.MaxContentBytes], Gen.UInt)
        select new BlockHeader
        {
            BlockId = ids.Item1,
            StreamId = ids.Item2,
            ProcessId = ids.Item3,
            Schema = new SchemaHash(ids.Item4),
            Class = streamClass,
            Encoding = encoding,
            Codec = (BlockCodec)(encoding % 3),
            Flags = (BlockFlags)flags,
            Sequence = numbers.Item1,
            FirstOrdinal = numbers.Item2,
            NextOrdinal = numbers.Item2 + numbers.Item3 + numbers.Item4,
            Events = numbers.Item3,
            FirstTick = Math.Min(ticks.Item1, ticks.Item2),
            LastTick = Math.Max(ticks.Item1, ticks.Item2),
            Clock = clock,
            OpenSpans = [.. spans.Select((span, i) => span with { Ordinal = (ulong)i })],
            OpenContexts = contexts,
            DependencyBytes = sizes.Item1,
            EventBytes = sizes.Item2,
            StoredBytes = sizes.Item3,
            Checksum = sizes.Item4,
        };

    [Fact]
    public void Values() => AnyValue.Sample(value =>
    {
        var writer = new ByteWriter();
        value.Write(writer);
        var reader = new ByteReader(writer.Written, "value");
        Assert.Equal(value, Value.Read(ref reader));
        Assert.Equal(0, reader.Remaining);
    });

    [Fact]
    public void PropertyLists() => Properties.Sample(properties =>
    {
        var writer = new ByteWriter();
        Property.WriteList(writer, properties);
        Assert.Equal(properties, Property.ReadList(writer.Written));
    });

    [Fact]
    public void Schemas() => AnyType.Array[0, 6].Sample(types =>
    {
        var schema = new Schema(types);
        var read = Schema.Read(schema.Bytes);
        Assert.Equal(schema.Hash, read.Hash);
        Assert.Equal(schema.Bytes.ToArray(), new Schema(read.Types).Bytes.ToArray());
        Assert.Equal(types.SelectMany(type => type.Fields).Select(Describe), read.Types.SelectMany(type => type.Fields).Select(Describe));
    });

    [Fact]
    public void SchemaHashes()
    {
        Assert.Equal(WellKnown.Schema.Hash, SchemaHash.Parse(WellKnown.Schema.Hash.ToString()));
        Assert.Equal(WellKnown.Schema.Hash, new SchemaHash(WellKnown.Schema.Hash.ToBytes()));
        foreach (var text in new[] { "", "00", new string('0', 66), new string('x', 64) }) Assert.Throws<FormatException>(() => SchemaHash.Parse(text));
    }

    [Fact]
    public void Headers() => AnyHeader.Sample(header =>
    {
        var writer = new ByteWriter();
        BlockHeaderBytes.Write(writer, header);
        var bytes = writer.ToArray();
        var read = BlockHeaderBytes.Read(bytes, out var headerBytes);
        Assert.Equal(bytes.Length, headerBytes);
        Assert.Equal(header.OpenSpans.Select(span => span with { Arguments = [] }), read.OpenSpans.Select(span => span with { Arguments = [] }));
        Assert.Equal(header.OpenSpans.SelectMany(span => span.Arguments), read.OpenSpans.SelectMany(span => span.Arguments));
        Assert.Equal(header.OpenContexts, read.OpenContexts);
        Assert.Equal(header.Clock.Knots.ToArray(), read.Clock.Knots.ToArray());
        Assert.Equal(header.Clock.UtcOffsetNs, read.Clock.UtcOffsetNs);
        Assert.Equal(header, read with { OpenSpans = header.OpenSpans, OpenContexts = header.OpenContexts, Clock = header.Clock });
    });

    [Fact]
    public void ProcessRecords() => Gen.Select(Id, Gen.ULong, Text, Gen.Long, Properties).Sample((id, version, text, ns, properties) =>
    {
        var record = new ProcessRecord
        {
            ProcessId = id,
            Version = version,
            ParentProcessId = version % 2 == 0 ? id : null,
            Exe = text,
            Computer = text,
            StartNs = ns,
            EndNs = version % 3 == 0 ? ns : null,
            EndReason = version % 5 == 0 ? text : null,
            LastSeenNs = ns,
            Properties = properties,
        };
        var read = ProcessRecord.Read(record.ToBytes());
        Assert.Equal(properties, read.Properties);
        Assert.Equal(record, read with { Properties = properties });
    });

    [Fact]
    public void StreamRecords() => Gen.Select(Id, Gen.ULong, Gen.Enum<StreamClass>(), Text, Text.Array[0, 4], Properties).Sample((id, version, streamClass, name, tags, properties) =>
    {
        var record = new StreamRecord { StreamId = id, ProcessId = id, Version = version, Class = streamClass, Name = name, ThreadId = version % 2 == 0 ? version : null, Tags = tags, Properties = properties };
        var read = StreamRecord.Read(record.ToBytes());
        Assert.Equal(tags, read.Tags);
        Assert.Equal(properties, read.Properties);
        Assert.Equal(record, read with { Tags = tags, Properties = properties });
    });

    [Fact]
    public void BlocksOfLogs() => Gen.Select(Text, Properties, AnyValue.Array[0, 5]).Array[0, 30].Sample(logs =>
    {
        var writer = new BlockWriter(WellKnown.Schema);
        foreach (var (text, properties, arguments) in logs)
        {
            var template = writer.Dependencies.Template(new Template(text, GoldenScene.Load));
            LogEvent.Write(writer, 2_000, new ThreadReference(1, writer.Dependencies.String(text)), 9, template, writer.Dependencies.PropertySet(properties), arguments);
        }
        var bytes = writer.Finish(GoldenScene.Header(1, GoldenScene.LogStream, StreamClass.Log, 0, (7, 7 + (ulong)logs.Length), (uint)logs.Length, (2_000, 2_000)));

        var block = Block.Read(bytes);
        var events = block.ReadEvents(WellKnown.Schema);
        foreach (var (text, properties, arguments) in logs)
        {
            Assert.True(events.Next());
            var type = events.Current.Type;
            var body = events.Current.Body;
            Assert.Equal(new Template(text, GoldenScene.Load), block.Dependencies.Template(type.Find("template")!.ReadReference(body)));
            Assert.Equal(text, block.Dependencies.String(type.Find("thread")!.ReadReference(body)));
            Assert.Equal(properties, block.Dependencies.PropertySet(type.Find("properties")!.ReadReference(body)));
            Assert.Equal(arguments, type.Find("arguments")!.ReadValues(body));
        }
        Assert.False(events.Next());
    });

    [Fact]
    public void BatchesOneAfterTheOther() => Gen.Byte.Array[0, 200].Array[0, 6].Sample(blocks =>
    {
        var writer = new BatchWriter();
        foreach (var block in blocks) writer.AddBlock(block);
        var bytes = writer.ToArray();
        byte[] file = [.. bytes, .. bytes];
        Assert.Equal(bytes.Length, Batch.TotalBytes(file));
        Assert.Equal(blocks, Batch.Read(file.AsMemory(bytes.Length)).Select(item => item.Bytes.ToArray()));
    });

    static string Describe(Field field) => $"{field.Name} {field.Type} {field.Element} {field.Offset} {field.Size} {string.Join(',', field.Attributes)}";

    static EventType MakeType(string name, uint version, KeyValuePair<string, string>[] attributes, bool isFixed, (FieldType Type, FieldType Element, int Offset, int Size, KeyValuePair<string, string>[] Attributes)[] fields)
    {
        var made = fields.Where(field => !isFixed || !FieldTypes.IsVariable(field.Type)).Select((field, i) => new Field($"f{i}", field.Type, field.Offset, Size(field.Type, field.Size))
        {
            Attributes = field.Attributes,
            Element = field.Type != FieldType.Array ? 0 : FieldTypes.IsElement(field.Element) ? field.Element : FieldType.String,
        }).ToArray();
        return new EventType(name, version, isFixed ? 208 : 0, made) { Attributes = attributes };
    }

    static int Size(FieldType type, int choice) => FieldTypes.FixedSize(type) is > 0 and var size ? size : 1 << choice;

    static BlockClock MakeClock(long offset, ulong start, (ulong Ticks, long Ns, long Utc)[] steps)
    {
        var knots = new List<ClockKnot> { new(start, 0, offset) };
        foreach (var (ticks, ns, utc) in steps) knots.Add(new ClockKnot(knots[^1].Ticks + ticks, knots[^1].MonotonicNs + ns, utc));
        return new BlockClock(offset, knots.ToArray());
    }
}
