using Legion.Sdk;
using Legion.Sdk.Hosting;
using Legion.Store;
using Microsoft.Extensions.Hosting;

namespace Legion.Ingestion;

/// <summary>Lets a service record itself into its own lake, as a process of the tenant <see cref="Tenant.System"/>: requests, phases of appends, what it counts, the runtime, its log.</summary>
public static class SelfRecording
{
    /// <summary>What the service measures of itself and its requests. What the way to S3 and the database would say of the recording's own blocks is not among it.</summary>
    static readonly Bridges bridges = new()
    {
        Activities = ["Microsoft.AspNetCore", AppendPhases.SourceName],
        Meters = [IngestionCounts.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"],
        MeterInterval = TimeSpan.FromSeconds(10),
        Runtime = true,
        System = true,
        CounterInterval = TimeSpan.FromSeconds(10),
    };

    /// <summary>Seldom enough that a service at rest makes few blocks, and often enough for whoever looks for what is wrong with it now.</summary>
    static readonly TimeSpan blockAge = TimeSpan.FromSeconds(30);

    const long MemoryBytes = 16 << 20, QueueBytes = 8 << 20;

    /// <param name="exe">By what name it is found.</param>
    /// <param name="selfLog">Takes sentences about what went wrong in the recording.</param>
    public static void AddSelfRecording(this IHostApplicationBuilder builder, LakeStore lake, string exe, Action<string> selfLog)
    {
        builder.AddLegion(options => options with { Telemetry = Options(lake, exe, selfLog) });
    }

    internal static TelemetryOptions Options(LakeStore lake, string exe, Action<string> selfLog) => new()
    {
        Sink = new HttpSink(new LakeTransport(new BlockAppend(lake, TimeProvider.System)), new SelfLog(selfLog), QueueBytes, QueueBytes, Backoff.Default),
        Exe = exe,
        Bridges = bridges,
        MinimumLevel = Legion.Format.Level.Info,
        MemoryBytes = MemoryBytes,
        QueueBytes = QueueBytes,
        BlockAge = blockAge,
        Heartbeat = TimeSpan.FromMinutes(1),
        SelfLog = selfLog,
    };
}
