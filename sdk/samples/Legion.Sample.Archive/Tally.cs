using System.Runtime.CompilerServices;
using System.Text.Json;
using Legion.Format;

namespace Legion.Sample.Archive;

/// <summary>
/// The program's own count of what it records, kept apart from the SDK so that the two can be held against each other.
/// Each thread counts for itself and adds its counts up when it ends.
/// </summary>
sealed class Tally
{
    [ThreadStatic]
    static Tally? mine;

    static readonly Lock adding = new();
    static readonly Tally total = new();

    int spans, contexts, metrics, frames;
    int info, debug, warn, error;

    static Tally Mine
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => mine ??= new Tally();
    }

    public static void Span() => Mine.spans++;

    public static void Context() => Mine.contexts++;

    public static void Metric() => Mine.metrics++;

    public static void Frame() => Mine.frames++;

    public static void Log(Level level)
    {
        switch (level)
        {
            case Level.Debug: Mine.debug++; break;
            case Level.Info: Mine.info++; break;
            case Level.Warn: Mine.warn++; break;
            case Level.Error: Mine.error++; break;
            default: throw new ArgumentOutOfRangeException(nameof(level), level, "the program logs at no such level");
        }
    }

    /// <summary>Adds the calling thread's counts to the total; its last act.</summary>
    public static void AddUp()
    {
        var ended = Mine;
        mine = null;
        lock (adding)
        {
            total.spans += ended.spans;
            total.contexts += ended.contexts;
            total.metrics += ended.metrics;
            total.frames += ended.frames;
            total.info += ended.info;
            total.debug += ended.debug;
            total.warn += ended.warn;
            total.error += ended.error;
        }
    }

    /// <summary>All of it as one line of JSON. A span and a context are two events each.</summary>
    public static string ToJson(Guid processId, long dropped)
    {
        lock (adding)
        {
            var logs = total.info + total.debug + total.warn + total.error;
            return JsonSerializer.Serialize(new
            {
                process_id = processId,
                events = 2L * (total.spans + total.contexts) + logs + total.metrics + total.frames,
                spans = total.spans,
                logs = new { debug = total.debug, info = total.info, warn = total.warn, error = total.error },
                metrics = total.metrics,
                user_events = new { FrameStats = total.frames },
                dropped,
            });
        }
    }
}
