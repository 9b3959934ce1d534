namespace Legion.Format;

/// <summary>What is known of a stream. Idempotent: of two records of a stream the higher version counts.</summary>
public sealed record StreamRecord
{
    public required Guid StreamId { get; init; }
    public required Guid ProcessId { get; init; }
    public required ulong Version { get; init; }
    public required StreamClass Class { get; init; }

    /// <summary>The thread's name, <c>log</c>, <c>metric</c>, or the name of the event type.</summary>
    public string Name { get; init; } = "";

    /// <summary>The operating system's number of the thread; null for merged streams.</summary>
    public ulong? ThreadId { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
    public IReadOnlyList<Property> Properties { get; init; } = [];

    enum Entry : ushort
    {
        StreamId = 1,
        ProcessId = 2,
        Version = 3,
        Class = 4,
        Name = 5,
        ThreadId = 6,
        Tags = 7,
        Properties = 8,
    }

    public byte[] ToBytes()
    {
        var writer = new EntryWriter();
        writer.Id((ushort)Entry.StreamId, StreamId);
        writer.Id((ushort)Entry.ProcessId, ProcessId);
        writer.U64((ushort)Entry.Version, Version);
        writer.U64((ushort)Entry.Class, (ulong)Class);
        writer.Text((ushort)Entry.Name, Name);
        if (ThreadId is { } thread) writer.U64((ushort)Entry.ThreadId, thread);
        writer.Texts((ushort)Entry.Tags, Tags);
        writer.Properties((ushort)Entry.Properties, Properties);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no stream record.</exception>
    public static StreamRecord Read(ReadOnlySpan<byte> bytes)
    {
        Guid? id = null, process = null;
        var record = new StreamRecord { StreamId = default, ProcessId = default, Version = 0, Class = StreamClass.Other };
        var entries = new EntryReader(bytes, "stream record", (ushort)Entry.Properties);
        while (entries.Next(out var number, out var value))
        {
            record = (Entry)number switch
            {
                Entry.StreamId => record with { StreamId = (id = value.Id()).Value },
                Entry.ProcessId => record with { ProcessId = (process = value.Id()).Value },
                Entry.Version => record with { Version = value.U64() },
                Entry.Class => record with { Class = ReadClass(value.U64()) },
                Entry.Name => record with { Name = value.Text() },
                Entry.ThreadId => record with { ThreadId = value.U64() },
                Entry.Tags => record with { Tags = ReadTags(ref value) },
                Entry.Properties => record with { Properties = Property.ReadList(ref value) },
                _ => record,
            };
            value.End();
        }
        return id is null || process is null ? throw new InvalidDataException("stream record: expected a stream id and a process id") : record;
    }

    static StreamClass ReadClass(ulong value) => value <= (ulong)StreamClass.Other
        ? (StreamClass)value
        : throw new InvalidDataException($"stream record: expected class 0 to 3, saw {value}");

    static string[] ReadTags(ref ByteReader reader)
    {
        var tags = new string[reader.Count(leastBytes: 4)];
        for (var i = 0; i < tags.Length; i++) tags[i] = reader.String();
        return tags;
    }
}
