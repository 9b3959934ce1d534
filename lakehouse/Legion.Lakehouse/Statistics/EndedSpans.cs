using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Legion.Lakehouse;

/// <summary>The spans of a partition that have ended, in memory and in no order, for sums over some of them.</summary>
sealed class EndedSpans
{
    /// <summary>What one takes.</summary>
    public const int SpanBytes = 32;

    static readonly string[] columnOrder = ["stream_id", "name", "begin_ns", "duration_ns", "children_ns"];

    readonly List<long> ends = [], durations = [], selves = [];
    readonly List<int> streams = [], names = [];
    readonly List<string> streamTexts = [], nameTexts = [];

    /// <summary>The stored columns of <c>spans</c> that are read.</summary>
    public static IReadOnlySet<string> Columns { get; } = new HashSet<string>(columnOrder);

    /// <summary>Takes a span.</summary>
    /// <param name="name">Code of its name, of <see cref="Names"/>.</param>
    public delegate void Taker(int name, long durationNs, long selfNs, long endNs);

    /// <summary>Of all of them, each once.</summary>
    public IReadOnlyList<string> Names => nameTexts;

    /// <summary>Reads those that end in a time.</summary>
    /// <param name="time">Nanoseconds UTC, the end exclusive; null for all.</param>
    public static async Task<EndedSpans> ReadAsync(string file, (long BeginNs, long EndNs)? time, CancellationToken cancellation)
    {
        var spans = new EndedSpans();
        Dictionary<string, int> streamCodes = new(StringComparer.Ordinal), nameCodes = new(StringComparer.Ordinal);
        await foreach (var batch in ParquetRows.ReadAsync(file, columnOrder, time is null ? null : "begin_ns", "duration_ns", time ?? default, cancellation))
        {
            using var _ = batch;
            var (streams, names) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(1)));
            var (streamOf, nameOf) = (Codes(streams, spans.streamTexts, streamCodes), Codes(names, spans.nameTexts, nameCodes));
            var (begins, durations, childTimes) = ((Int64Array)batch.Column(2), (Int64Array)batch.Column(3), (Int64Array)batch.Column(4));
            for (var row = 0; row < batch.Length; row++)
            {
                if (durations.IsNull(row)) continue;
                var (duration, end) = (durations.Values[row], begins.Values[row] + durations.Values[row]);
                if (time is { } only && (end < only.BeginNs || end >= only.EndNs)) continue;
                spans.ends.Add(end);
                spans.durations.Add(duration);
                spans.selves.Add(duration - (childTimes.IsNull(row) ? 0 : childTimes.Values[row]));
                spans.streams.Add(streamOf[streams.Code(row)]);
                spans.names.Add(nameOf[names.Code(row)]);
            }
        }
        return spans;
    }

    /// <summary>Gives those that end in a time.</summary>
    /// <param name="endNs">Exclusive.</param>
    /// <param name="wanted">Streams; null for all.</param>
    public void Take(long beginNs, long endNs, IReadOnlySet<string>? wanted, Taker take)
    {
        bool[]? isWanted = wanted is null ? null : [.. streamTexts.Select(wanted.Contains)];
        var all = CollectionsMarshal.AsSpan(ends);
        for (var i = 0; i < all.Length; i++)
            if (all[i] >= beginNs && all[i] < endNs && (isWanted is null || isWanted[streams[i]])) take(names[i], durations[i], selves[i], all[i]);
    }

    /// <summary>What a batch's codes of texts are here.</summary>
    static int[] Codes(CodedTexts texts, List<string> all, Dictionary<string, int> codes)
    {
        var own = new int[texts.Texts.Count];
        for (var i = 0; i < own.Length; i++)
        {
            if (!codes.TryGetValue(texts.Texts[i], out own[i]))
            {
                codes.Add(texts.Texts[i], own[i] = all.Count);
                all.Add(texts.Texts[i]);
            }
        }
        return own;
    }
}
