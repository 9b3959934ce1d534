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

    /// <summary>Perhaps of another process.</summary>
    public static AsyncSpanId OfParent(Activity activity) =>
        activity.IdFormat == ActivityIdFormat.W3C ? new AsyncSpanId(Number(activity.ParentSpanId), Number(activity.TraceId)) : Of(activity.Parent);

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
