using Legion.Format;

namespace Legion.Sdk;

/// <summary>How and where to record. One of <see cref="Endpoint"/>, <see cref="File"/> and <see cref="Sink"/> must be given.</summary>
public sealed record TelemetryOptions
{
    readonly string? spool;
    readonly bool hasNoSpool;

    /// <summary>Address of the server, for example <c>http://localhost:9020</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Sent to the server as a bearer token.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Path of a <c>.legion</c> file to write instead; an existing one is replaced.</summary>
    public string? File { get; init; }

    /// <summary>Another place for the blocks. The recording disposes it.</summary>
    public ISink? Sink { get; init; }

    /// <summary>Properties of the process: build, branch, anything.</summary>
    public Dictionary<string, Value> Properties { get; init; } = [];

    /// <summary>
    /// Properties that are hashed or left out before they are written anywhere, a crash-proof segment or the spool included: of the process, of contexts,
    /// arguments of spans and markers, tags of metrics, and arguments of logs by the name of their hole. Null for none.
    /// Fields of the program's own event types and texts that the program puts together itself are recorded as they are. Logs take a slower way while there is one.
    /// </summary>
    public Redaction? Redaction { get; init; }

    /// <summary>The process that started this one, where that records too.</summary>
    public Guid? ParentProcessId { get; init; }

    /// <summary>What is recorded of activities, meters and the runtime's counters; nothing unless asked for.</summary>
    public Bridges Bridges { get; init; } = Bridges.None;

    /// <summary>Logs below this are not recorded, and their arguments not evaluated.</summary>
    public Level MinimumLevel { get; init; } = Level.Debug;

    /// <summary>Levels of logs by target, in place of <see cref="MinimumLevel"/>; a target takes the level of the longest name that is a part of it from its begin.</summary>
    public Dictionary<string, Level> Levels { get; init; } = [];

    /// <summary>
    /// Memory for what threads record until it is in a block, at most. Each recording thread holds a segment of 64 KiB of it;
    /// events that find none are dropped and counted. Half as much again may be in blocks in progress.
    /// </summary>
    public long MemoryBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Blocks in memory that wait for the server, at most. Beyond it they wait in the spool alone; without a spool the oldest are given up and counted,
    /// traces first, then metrics and the program's own events, then logs.
    /// </summary>
    public long QueueBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Folder in which live segments and unsent blocks survive the process, with an <see cref="Endpoint"/>: what a crash leaves, the next start sends,
    /// or another process that records to the same folder. Null for none. By default a folder for each endpoint in the user's local data.
    /// </summary>
    public string? Spool
    {
        get => spool ?? (Endpoint is null || hasNoSpool ? null : SpoolNames.DefaultFolder(Endpoint, ApiKey));
        init => (spool, hasNoSpool) = (value, value is null);
    }

    /// <summary>What may wait in the spool, at most, beside the segments. Beyond it the oldest blocks are given up as those in memory are without a spool.</summary>
    public long SpoolBytes { get; init; } = 512 << 20;

    /// <summary>
    /// What of all that is recorded is sent; null for all of it. Half of <see cref="QueueBytes"/> in addition may wait in memory until it is decided on,
    /// and with a <see cref="Spool"/> half of <see cref="SpoolBytes"/> on disk.
    /// </summary>
    public Sampling? Sampling { get; init; }

    /// <summary>Uncompressed size at which a block is cut. Smaller ones compress worse and cost more rows in the catalog.</summary>
    public int BlockBytes { get; init; } = 1 << 20;

    /// <summary>Age at which a block is cut, whatever its size: how far behind readers are.</summary>
    public TimeSpan BlockAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As <see cref="BlockAge"/>, while the server says that somebody looks at the process; the smaller of the two holds.</summary>
    public TimeSpan WatchedBlockAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the process says that it lives.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the end of the recording waits for the last blocks to be stored.</summary>
    public TimeSpan EndTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Public key of a P-256 pair, as PEM or the base64 of its SubjectPublicKeyInfo. Whoever has the private key can make the process record more or less
    /// for at most 15 minutes with <c>legion verbosity</c>. Null: remote commands are ignored. Needs an <see cref="Endpoint"/>, whose answers carry them.
    /// </summary>
    public string? CommandKey { get; init; }

    /// <summary>Takes sentences about what went wrong in the recording itself. Called on a background thread.</summary>
    public Action<string>? SelfLog { get; init; }

    /// <summary>What the process is called in place of the path of its file: one file may be several programs.</summary>
    internal string? Exe { get; init; }

    /// <summary>How often the flusher looks, unless memory runs low.</summary>
    internal TimeSpan PassInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <exception cref="ArgumentException">They make no sense.</exception>
    internal void Check()
    {
        var places = (Endpoint is null ? 0 : 1) + (File is null ? 0 : 1) + (Sink is null ? 0 : 1);
        if (places != 1) throw new ArgumentException($"expected one of Endpoint, File and Sink, saw {places}", nameof(TelemetryOptions));
        if (Endpoint is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https")))
            throw new ArgumentException($"expected an http or https address as Endpoint, saw '{endpoint}'", nameof(TelemetryOptions));
        if (MemoryBytes < 2 * Segment.Bytes) throw new ArgumentException($"expected MemoryBytes of at least {2 * Segment.Bytes}, saw {MemoryBytes}", nameof(TelemetryOptions));
        if (BlockBytes is < 1024 or > FormatLimits.MaxContentBytes / 4)
            throw new ArgumentException($"expected BlockBytes of 1024 to {FormatLimits.MaxContentBytes / 4}, saw {BlockBytes}", nameof(TelemetryOptions));
        if (QueueBytes < 1) throw new ArgumentException($"expected QueueBytes above 0, saw {QueueBytes}", nameof(TelemetryOptions));
        if (BlockAge < TimeSpan.Zero || WatchedBlockAge < TimeSpan.Zero || Heartbeat <= TimeSpan.Zero || EndTimeout < TimeSpan.Zero)
            throw new ArgumentException("expected times that are not negative", nameof(TelemetryOptions));
        if (Bridges.CounterInterval < TimeSpan.FromMilliseconds(1) || Bridges.MeterInterval < TimeSpan.FromMilliseconds(1))
            throw new ArgumentException("expected intervals of the bridges of at least 1 ms", nameof(TelemetryOptions));
        Sampling?.Check();
        Redaction?.Check();
        if (CommandKey is { } key) Sdk.CommandKey.Check(key);
    }
}
