namespace Legion.Format;

/// <summary>
/// What one process is told to record for a while. It replaces what the command before it said; what it leaves out is as the program's own options say.
/// </summary>
public sealed record RemoteCommand
{
    /// <summary>Most bytes of a command; far more than levels of a few targets take.</summary>
    public const int MostBytes = 4096;

    /// <summary>However long a command says it holds, a process takes it for no longer.</summary>
    public static readonly TimeSpan LongestTimeToLive = TimeSpan.FromMinutes(15);

    const uint Magic = 'L' | 'G' << 8 | 'C' << 16 | 'M' << 24;
    const string What = "command";

    public required Guid ProcessId { get; init; }

    /// <summary>Above that of every command which the process took before. Milliseconds since the Unix epoch are such numbers.</summary>
    public required ulong Number { get; init; }

    /// <summary>From the moment the process hears of it, in whole milliseconds.</summary>
    public required TimeSpan TimeToLive { get; init; }

    /// <summary>Logs below this are not recorded.</summary>
    public Level? MinimumLevel { get; init; }

    /// <summary>Levels by target, in place of <see cref="MinimumLevel"/>.</summary>
    public IReadOnlyDictionary<string, Level> Levels { get; init; } = new Dictionary<string, Level>();

    /// <summary>False: all that is recorded is sent, whatever the program's sampling would leave out.</summary>
    public bool? Sampling { get; init; }

    /// <summary>Age at which blocks are cut: how far behind readers are.</summary>
    public TimeSpan? BlockAge { get; init; }

    enum Entry : ushort
    {
        ProcessId = 1,
        Number = 2,
        TimeToLive = 3,
        MinimumLevel = 4,
        Levels = 5,
        Sampling = 6,
        BlockAge = 7,
    }

    public byte[] ToBytes()
    {
        var entries = new EntryWriter();
        entries.Id((ushort)Entry.ProcessId, ProcessId);
        entries.U64((ushort)Entry.Number, Number);
        entries.U64((ushort)Entry.TimeToLive, (ulong)TimeToLive.TotalMilliseconds);
        if (MinimumLevel is { } level) entries.U64((ushort)Entry.MinimumLevel, (ulong)level);
        if (Levels.Count > 0) entries.Properties((ushort)Entry.Levels, [.. Levels.Select(level => new Property(level.Key, (long)level.Value))]);
        if (Sampling is { } sampling) entries.U64((ushort)Entry.Sampling, sampling ? 1ul : 0);
        if (BlockAge is { } age) entries.U64((ushort)Entry.BlockAge, (ulong)age.TotalMilliseconds);
        var content = entries.ToArray();
        var writer = new ByteWriter(8 + content.Length);
        writer.U32(Magic);
        writer.U16(FormatLimits.Version);
        writer.U16(0);
        writer.Bytes(content);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no command.</exception>
    public static RemoteCommand Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes) throw new InvalidDataException($"{What}: expected at most {MostBytes} bytes, saw {bytes.Length}");
        var head = new ByteReader(bytes, What);
        if (head.U32() is var magic && magic != Magic) throw new InvalidDataException($"{What}: expected magic LGCM, saw 0x{magic:X8}");
        if (head.U16() is var version && version != FormatLimits.Version) throw new InvalidDataException($"{What}: expected version {FormatLimits.Version}, saw {version}");
        head.U16();

        Guid? process = null;
        ulong? number = null;
        TimeSpan? timeToLive = null;
        var command = new RemoteCommand { ProcessId = default, Number = 0, TimeToLive = default };
        var entries = new EntryReader(bytes[head.Position..], What, (ushort)Entry.BlockAge);
        while (entries.Next(out var type, out var value))
        {
            switch ((Entry)type)
            {
                case Entry.ProcessId: process = value.Id(); break;
                case Entry.Number: number = value.U64(); break;
                case Entry.TimeToLive: timeToLive = ReadTime(value.U64()); break;
                case Entry.MinimumLevel: command = command with { MinimumLevel = ReadLevel(value.U64()) }; break;
                case Entry.Levels: command = command with { Levels = ReadLevels(Property.ReadList(ref value)) }; break;
                case Entry.Sampling: command = command with { Sampling = value.U64() != 0 }; break;
                case Entry.BlockAge: command = command with { BlockAge = ReadTime(value.U64()) }; break;
            }
            value.End();
        }
        return process is { } id && number is { } rising && timeToLive is { } time
            ? command with { ProcessId = id, Number = rising, TimeToLive = time }
            : throw new InvalidDataException($"{What}: expected a process, a number and a time to live");
    }

    static Dictionary<string, Level> ReadLevels(Property[] properties)
    {
        var levels = new Dictionary<string, Level>();
        foreach (var (target, level) in properties)
            levels[target] = level.Tag is ValueTag.I64 or ValueTag.U64 ? ReadLevel(level.AsU64) : throw new InvalidDataException($"{What}: expected an integer as level of '{target}', saw {level}");
        return levels;
    }

    static Level ReadLevel(ulong level) => level is > 0 and <= 24 ? (Level)level : throw new InvalidDataException($"{What}: expected a level of 1 to 24, saw {level}");

    /// <summary>Longer than a day is a day, which is longer than any that holds.</summary>
    static TimeSpan ReadTime(ulong milliseconds) => milliseconds > 0
        ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, 86_400_000))
        : throw new InvalidDataException($"{What}: expected a time above 0 ms");
}
