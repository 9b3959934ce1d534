using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>Numbers of activities: those of W3C as they are, read as big-endian numbers; others get one of their own.</summary>
static class ActivityIds
{
    static readonly ConditionalWeakTable<Activity, StrongBox<ulong>> numbers = [];

    /// <summary>None where it has none yet.</summary>
    public static AsyncSpanId Of(Activity? activity) => activity switch
    {
        null => AsyncSpanId.None,
        { IdFormat: ActivityIdFormat.W3C } => new AsyncSpanId(Number(activity.SpanId), Number(activity.TraceId)),
        _ => numbers.TryGetValue(activity, out var number) ? new AsyncSpanId(number.Value) : AsyncSpanId.None,
    };

    /// <summary>The number without its trace, which takes twice as long to read; 0 where it has none.</summary>
    public static ulong NumberOf(Activity activity) => activity.IdFormat == ActivityIdFormat.W3C ? Number(activity.SpanId) : Of(activity).Id;

    /// <summary>Perhaps of another process.</summary>
    /// <param name="traceId">The activity's own.</param>
    public static AsyncSpanId OfParent(Activity activity, UInt128 traceId)
    {
        if (activity.IdFormat != ActivityIdFormat.W3C) return Of(activity.Parent);
        var parent = activity.ParentSpanId;
        return parent == default ? AsyncSpanId.None : new AsyncSpanId(Number(parent), traceId);
    }

    /// <summary>The activity's number, made where it has none.</summary>
    public static AsyncSpanId OfBegun(Activity activity, ThreadContext context)
    {
        if (activity.IdFormat != ActivityIdFormat.W3C) numbers.AddOrUpdate(activity, new StrongBox<ulong>(context.NextAsyncId()));
        return Of(activity);
    }

    public static UInt128 Number(ActivityTraceId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static ulong Number(ActivitySpanId id)
    {
        Span<byte> bytes = stackalloc byte[8];
        id.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
