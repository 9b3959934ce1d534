namespace Legion.Notebook;

/// <summary>A run of an instrumented program.</summary>
public sealed record LakeProcess
{
    public required Guid ProcessId { get; init; }

    public required string Exe { get; init; }

    public required string Computer { get; init; }

    public required string User { get; init; }

    /// <summary>Nanoseconds UTC.</summary>
    public required long StartNs { get; init; }

    /// <summary>When it ended, or was last heard of; nanoseconds UTC.</summary>
    public required long EndNs { get; init; }

    /// <summary>exit, vanished, the type of an exception, or running.</summary>
    public required string State { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Properties { get; init; }

    /// <summary>The process that started it; null where nobody knows.</summary>
    public Guid? Parent { get; init; }

    public DateTime Start => UtcTime.Of(StartNs);

    public TimeSpan Duration => UtcTime.Of(EndNs) - Start;

    /// <summary>A process stands for its id wherever one is asked for.</summary>
    public static implicit operator Guid(LakeProcess process) => process.ProcessId;

    public override string ToString() => $"{Exe} {ProcessId}";
}
