using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Cli.Serving.Metrics;

/// <summary>
/// Adds up the measurements of this service's meters, and writes the sums in the text format of Prometheus, version 0.0.4.
/// Nothing is removed: labels are routes, statuses and codes, of which there are few.
/// </summary>
sealed class PrometheusMetrics : IDisposable
{
    const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What the service measures itself, what the server of HTTP measures of it, and the runtime's memory and processor time.</summary>
    static readonly string[] meters = ["Legion.", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    readonly ConcurrentQueue<MetricFamily> families = new();
    readonly MeterListener listener = new();

    /// <param name="owner">The factory of this service's meters: others in the process have their own. Meters without a factory are the process's.</param>
    public PrometheusMetrics(IMeterFactory owner)
    {
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope is { } scope && scope != owner || !Array.Exists(meters, name => instrument.Meter.Name.StartsWith(name, StringComparison.Ordinal))) return;
            var family = new MetricFamily(instrument);
            families.Enqueue(family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Take(value, tags, state));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Take((double)value, tags, state));
        listener.Start();
    }

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(Write(), context.RequestAborted);
    }

    /// <summary>All that was measured so far, and what observable instruments say now.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in families.OrderBy(family => family.Name, StringComparer.Ordinal)) family.Write(text);
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    static void Take(double value, ReadOnlySpan<Tag> tags, object? state) => ((MetricFamily)state!).Take(value, tags);
}
