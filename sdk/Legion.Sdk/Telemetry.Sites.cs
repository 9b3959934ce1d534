using System.ComponentModel;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>
/// The same calls for sites that are made once. The source generator puts a call of this file in the place of one that passes
/// its name as a literal: it takes the overload that has a site where the other has the name, and neither file nor line.
/// </content>
public static partial class Telemetry
{
    /// <summary>Begins a span on the calling thread; disposing it ends it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SpanScope Span(SpanSite site)
    {
        var context = ThreadContext.Current;
        return context is null ? default : new SpanScope(context, context.BeginSpan(site.Id));
    }

    /// <summary>Begins a span with arguments.</summary>
    public static SpanScope Span(SpanSite site, ReadOnlySpan<Property> arguments)
    {
        var context = ThreadContext.Current;
        return context is null ? default : new SpanScope(context, context.BeginSpan(site.Id, "", arguments));
    }

    /// <summary>Records a sample of a metric.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(MetricSite site, double value) => ThreadContext.Current?.Metric(site.Id, value);

    /// <summary>Records a sample of a metric. Values of more than 53 bits lose their lowest ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(MetricSite site, long value) => ThreadContext.Current?.Metric(site.Id, value);

    /// <summary>Records a log without arguments.</summary>
    public static void Log(Level level, LogTextSite site)
    {
        var context = ThreadContext.Current;
        if (context is null || level < context.Recording.MinimumLevel) return;
        var arguments = context.BeginRecord();
        context.Log(level, site.Id, arguments);
        context.EndRecord(arguments);
    }

    /// <summary>Records an event of the program's own type, described and written by code made for it.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static void Emit<T, TFields>(in T value) where T : struct where TFields : struct, IEventFields<T>
    {
        var context = ThreadContext.Current;
        if (context is null) return;
        var record = context.BeginRecord();
        context.Hold(record);
        var fields = new EventFieldWriter(record);
        TFields.Write(value, ref fields);
        context.UserEvent(GeneratedShape<T, TFields>.Id, fields.Record);
        context.EndRecord(fields.Record);
    }
}
