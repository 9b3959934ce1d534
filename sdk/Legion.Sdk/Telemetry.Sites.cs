using System.ComponentModel;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>
/// The same calls for sites that are made once. The source generator puts a call of this file in the place of one that passes
/// its name as a literal: it takes the overload that has a site where the other has the name, and neither file nor line.
/// </content>
public static unsafe partial class Telemetry
{
    /// <summary>Begins a span on the calling thread; disposing it ends it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SpanScope Span(SpanSite site)
    {
        // Written out, so that a program that does not record pays for two comparisons and nothing else.
        var cursor = Cursor.Current;
        if (cursor is null && (!Recording.IsRunning || (cursor = ThreadContext.Enter()) is null)) return default;
        return Cursor.BeginSpan(cursor, site.Id);
    }

    /// <summary>Begins a span with arguments.</summary>
    public static SpanScope Span(SpanSite site, ReadOnlySpan<Property> arguments) => Enter() is null ? default : SpanWith(site.Id, "", arguments);

    /// <summary>Records a sample of a metric.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(MetricSite site, double value)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Metric, site.Id, BitConverter.DoubleToUInt64Bits(value));
    }

    /// <summary>Records a sample of a metric. Values of more than 53 bits lose their lowest ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(MetricSite site, long value) => Metric(site, (double)value);

    /// <summary>Records a sample that has properties of its own.</summary>
    public static void Metric(MetricSite site, double value, ReadOnlySpan<Property> properties)
    {
        if (Enter() is not null) MetricWith(site.Id, isCount: false, value, properties);
    }

    /// <summary>Records a sample of a metric at the moment of the thread's last event, for a fraction of the cost: no clock is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MetricAtLast(MetricSite site, double value)
    {
        var cursor = Cursor.Current;
        if (cursor is null && (!Recording.IsRunning || (cursor = ThreadContext.Enter()) is null)) return;
        Cursor.MetricAtLast(cursor, site.Id, value);
    }

    /// <summary>Records that a counter grew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(MetricSite site, double increment = 1)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Count, site.Id, BitConverter.DoubleToUInt64Bits(increment));
    }

    /// <summary>Records that a counter grew, with properties of its own.</summary>
    public static void Count(MetricSite site, double increment, ReadOnlySpan<Property> properties)
    {
        if (Enter() is not null) MetricWith(site.Id, isCount: true, increment, properties);
    }

    /// <summary>Marks a moment on the calling thread.</summary>
    public static void Marker(SpanSite site, ReadOnlySpan<Property> arguments = default)
    {
        if (Enter() is not null) MarkerWith(site.Id, "", arguments);
    }

    /// <summary>Adds this moment to a flow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Flow(SpanSite site, ulong flow)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Flow, site.Id, flow);
    }

    /// <summary>Ends a frame of a series and begins the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Frame(SpanSite site)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Frame, site.Id, 0);
    }

    /// <summary>Begins a span that may end on another thread, as a child of the one that the calling code runs in.</summary>
    public static AsyncSpanScope AsyncSpan(SpanSite site)
    {
        if (Enter() is null) return default;
        var scope = BeginAsync(DeclarationTable.Get(site.Id), "", AmbientSpan.Current, default, []);
        return scope.Id.IsNone ? scope : scope.Enter();
    }

    /// <summary>Begins a span that may end on another thread, with a parent that is given.</summary>
    public static AsyncSpanScope AsyncSpan(SpanSite site, AsyncSpanId parent) =>
        Enter() is null ? default : BeginAsync(DeclarationTable.Get(site.Id), "", parent, default, []);

    /// <summary>The same with arguments.</summary>
    public static AsyncSpanScope AsyncSpan(SpanSite site, AsyncSpanId parent, ReadOnlySpan<Property> arguments) =>
        Enter() is null ? default : BeginAsync(DeclarationTable.Get(site.Id), "", parent, default, arguments);

    /// <summary>Records a log without arguments.</summary>
    public static void Log(Level level, LogTextSite site)
    {
        if (Enter() is not null && level >= DeclarationTable.Get(site.Id).MinimumLevel) LogWith(level, site.Id, []);
    }

    /// <summary>Records a log of a template that the source generator knows.</summary>
    [EditorBrowsable(EditorBrowsableState.Never), MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Log(Level level, ref LogMessage message, LogTemplateSite site) => message.Commit(level, site.Id);

    /// <summary>Records an event of the program's own type, described and written by code made for it.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static void Emit<T, TFields>(in T value) where T : struct where TFields : struct, IEventFields<T>
    {
        if (Enter() is not null) ThreadContext.Current?.AppendUserEvent(GeneratedShape<T, TFields>.Id, value, GeneratedShape<T, TFields>.Write);
    }
}
