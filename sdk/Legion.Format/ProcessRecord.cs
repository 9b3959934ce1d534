namespace Legion.Format;

/// <summary>What is known of a process. Idempotent: of two records of a process the higher version counts.</summary>
public sealed record ProcessRecord
{
    public required Guid ProcessId { get; init; }

    /// <summary>Raised by the producer with every change, by one at least.</summary>
    public required ulong Version { get; init; }

    public Guid? ParentProcessId { get; init; }
    public string Exe { get; init; } = "";
    public string User { get; init; } = "";
    public string Computer { get; init; } = "";
    public string Os { get; init; } = "";
    public string Cpu { get; init; } = "";
    public string Runtime { get; init; } = "";

    /// <summary>Nanoseconds UTC.</summary>
    public required long StartNs { get; init; }

    /// <summary>Nanoseconds UTC; null while it runs, or where nobody knows.</summary>
    public long? EndNs { get; init; }

    /// <summary><c>exit</c>, <c>vanished</c>, or the type of the exception that nobody caught; null while it runs.</summary>
    public string? EndReason { get; init; }

    /// <summary>Nanoseconds UTC.</summary>
    public required long LastSeenNs { get; init; }

    public IReadOnlyList<Property> Properties { get; init; } = [];

    enum Entry : ushort
    {
        ProcessId = 1,
        Version = 2,
        Parent = 3,
        Exe = 4,
        User = 5,
        Computer = 6,
        Os = 7,
        Cpu = 8,
        Runtime = 9,
        Start = 10,
        End = 11,
        EndReason = 12,
        LastSeen = 13,
        Properties = 14,
    }

    public byte[] ToBytes()
    {
        var writer = new EntryWriter();
        writer.Id((ushort)Entry.ProcessId, ProcessId);
        writer.U64((ushort)Entry.Version, Version);
        if (ParentProcessId is { } parent) writer.Id((ushort)Entry.Parent, parent);
        writer.Text((ushort)Entry.Exe, Exe);
        writer.Text((ushort)Entry.User, User);
        writer.Text((ushort)Entry.Computer, Computer);
        writer.Text((ushort)Entry.Os, Os);
        writer.Text((ushort)Entry.Cpu, Cpu);
        writer.Text((ushort)Entry.Runtime, Runtime);
        writer.U64((ushort)Entry.Start, (ulong)StartNs);
        if (EndNs is { } end) writer.U64((ushort)Entry.End, (ulong)end);
        if (EndReason is { } reason) writer.Text((ushort)Entry.EndReason, reason);
        writer.U64((ushort)Entry.LastSeen, (ulong)LastSeenNs);
        writer.Properties((ushort)Entry.Properties, Properties);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no process record.</exception>
    public static ProcessRecord Read(ReadOnlySpan<byte> bytes)
    {
        Guid? id = null;
        var record = new ProcessRecord { ProcessId = default, Version = 0, StartNs = 0, LastSeenNs = 0 };
        var entries = new EntryReader(bytes, "process record", (ushort)Entry.Properties);
        while (entries.Next(out var number, out var value))
        {
            record = (Entry)number switch
            {
                Entry.ProcessId => record with { ProcessId = (id = value.Id()).Value },
                Entry.Version => record with { Version = value.U64() },
                Entry.Parent => record with { ParentProcessId = value.Id() },
                Entry.Exe => record with { Exe = value.Text() },
                Entry.User => record with { User = value.Text() },
                Entry.Computer => record with { Computer = value.Text() },
                Entry.Os => record with { Os = value.Text() },
                Entry.Cpu => record with { Cpu = value.Text() },
                Entry.Runtime => record with { Runtime = value.Text() },
                Entry.Start => record with { StartNs = value.I64() },
                Entry.End => record with { EndNs = value.I64() },
                Entry.EndReason => record with { EndReason = value.Text() },
                Entry.LastSeen => record with { LastSeenNs = value.I64() },
                Entry.Properties => record with { Properties = Property.ReadList(ref value) },
                _ => record,
            };
            value.End();
        }
        return id is null ? throw new InvalidDataException("process record: expected a process id, saw none") : record;
    }
}
