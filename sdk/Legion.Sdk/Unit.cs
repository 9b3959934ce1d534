namespace Legion.Sdk;

/// <summary>What a metric is counted in. The name is what readers see.</summary>
public readonly record struct Unit(string Name)
{
    public static Unit None => new("");
    public static Unit Count => new("count");
    public static Unit Percent => new("%");
    public static Unit Bytes => new("B");
    public static Unit Nanoseconds => new("ns");
    public static Unit Microseconds => new("us");
    public static Unit Milliseconds => new("ms");
    public static Unit Seconds => new("s");
}

/// <summary>Marks a struct as an event of the program's own, for <see cref="Telemetry.Emit{T}"/>.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class LegionEventAttribute : Attribute
{
    /// <summary>Name of the event; that of the type where it is null.</summary>
    public string? Name { get; init; }

    /// <summary>To be raised when the meaning of a field changes.</summary>
    public uint Version { get; init; } = 1;
}

/// <summary>What a field of an event is counted in.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class UnitAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
