namespace Legion.Sdk.Hosting;

/// <summary>How a host records.</summary>
public sealed record LegionOptions
{
    /// <summary>
    /// Where and how to record. Comes with what the configuration's section <c>Legion</c> says, and with <see cref="Bridges.Default"/>;
    /// where neither names a place, the address of a server on this machine.
    /// </summary>
    public TelemetryOptions Telemetry { get; init; } = new() { Bridges = Bridges.Default };

    /// <summary>
    /// Gives each log the scopes around it as properties, such as ASP.NET Core's RequestId and RequestPath.
    /// Off unless asked for: the span that a log lies in says the same once and not with each log.
    /// </summary>
    public bool IncludeScopes { get; init; }

    /// <summary>Gives each log the W3C ids of the activity around it as properties <c>trace_id</c> and <c>span_id</c>, as the activity's async span has them.</summary>
    public bool IncludeTraceIds { get; init; } = true;
}
