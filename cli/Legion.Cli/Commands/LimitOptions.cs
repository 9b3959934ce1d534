using System.CommandLine;
using System.Globalization;
using Legion.Ingestion;

namespace Legion.Cli.Commands;

/// <summary>The options of <c>legion serve</c> that say how much ingestion takes, of one tenant and in all.</summary>
sealed class LimitOptions
{
    static readonly IngestionLimits defaults = new();

    readonly Option<long> tenantBytes = Positive("--tenant-bytes", "bytes that one tenant may send a second; beyond it, it is answered 429", (long)defaults.TenantBytesPerSecond);
    readonly Option<long> tenantRequests = Positive("--tenant-requests", "requests that one tenant may send a second; beyond it, it is answered 429", (long)defaults.TenantRequestsPerSecond);
    readonly Option<long> inFlight = Positive("--in-flight", "bytes of bodies in memory at once; beyond it, all are answered 503", defaults.InFlightBytes);
    readonly Option<long> connections = Positive("--connections", "connections at once; one beyond it is closed", defaults.Connections);

    public static LimitOptions AddTo(Command command)
    {
        var options = new LimitOptions();
        command.Add(options.tenantBytes);
        command.Add(options.tenantRequests);
        command.Add(options.inFlight);
        command.Add(options.connections);
        return options;
    }

    /// <exception cref="CommandFailure">They contradict each other.</exception>
    public IngestionLimits Read(ParseResult parsed)
    {
        var inFlightBytes = parsed.GetValue(inFlight);
        if (inFlightBytes < defaults.BatchBytes) throw CommandFailure.Usage($"cannot use {inFlightBytes} as --in-flight: expected at least the {defaults.BatchBytes} bytes of one batch");
        return defaults with
        {
            TenantBytesPerSecond = parsed.GetValue(tenantBytes),
            TenantRequestsPerSecond = parsed.GetValue(tenantRequests),
            InFlightBytes = inFlightBytes,
            Connections = (int)Math.Min(parsed.GetValue(connections), int.MaxValue),
        };
    }

    internal static Option<long> Positive(string name, string description, long standard)
    {
        var option = new Option<long>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
                result.AddError($"cannot use '{text}' as {name}: expected a whole number above 0");
        });
        return option;
    }
}
