using Legion.Format;
using Legion.Sdk;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>A span of a thread.</summary>
/// <param name="EndNs"><see cref="long.MaxValue"/> for one that has not ended.</param>
readonly record struct ChromeSpan(long BeginNs, long EndNs, Site Site, Property[] Arguments);

/// <summary>Something on a thread that opens and ends none of its spans.</summary>
readonly record struct ChromeMoment(long Ns, Action<TraceWriter, ulong> Write);

/// <summary>What a trace has of one thread, in any order.</summary>
sealed class ChromeThread(string id)
{
    /// <summary>A child may end this much behind its parent: programs round begin and duration to microseconds, each by itself.</summary>
    const long RoundingNs = 1000;

    readonly List<(long Ns, bool IsBegin, Site? Site, Property[] Arguments)> marks = [];
    readonly List<ChromeSpan> spans = [];
    readonly List<ChromeMoment> moments = [];

    public string Id => id;
    public string Name { get; set; } = $"thread {id}";

    /// <summary>Ends that none of its spans had.</summary>
    public int EndsWithoutBegin { get; private set; }

    public void Add(ChromeSpan span) => spans.Add(span);
    public void Add(ChromeMoment moment) => moments.Add(moment);

    public void Begin(long ns, Site site, Property[] arguments) => marks.Add((ns, true, site, arguments));
    public void End(long ns, Property[] arguments) => marks.Add((ns, false, null, arguments));

    /// <summary>
    /// The spans so that each lies within those that are open where it begins. Complete events may overlap, which spans of a thread cannot: those that do lie in a further row.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<ChromeSpan>> Rows()
    {
        MatchMarks();
        var rows = new List<(List<ChromeSpan> Spans, Stack<long> Ends)>();
        foreach (var span in spans.OrderBy(span => span.BeginNs).ThenByDescending(span => span.EndNs))
        {
            var placed = false;
            for (var row = 0; !placed; row++)
            {
                if (row == rows.Count) rows.Add(([], new Stack<long>()));
                var (placedSpans, ends) = rows[row];
                while (ends.TryPeek(out var end) && end <= span.BeginNs) ends.Pop();
                if (ends.TryPeek(out var parent) && span.EndNs > parent && span.EndNs - parent > RoundingNs) continue;
                var fitting = span with { EndNs = ends.Count == 0 ? span.EndNs : Math.Min(span.EndNs, ends.Peek()) };
                placedSpans.Add(fitting);
                ends.Push(fitting.EndNs);
                placed = true;
            }
        }
        return [.. rows.Select(row => row.Spans)];
    }

    /// <summary>The moments in their order.</summary>
    public IReadOnlyList<ChromeMoment> Moments() => [.. moments.OrderBy(moment => moment.Ns)];

    void MatchMarks()
    {
        var open = new Stack<(long Ns, Site Site, Property[] Arguments)>();
        foreach (var mark in marks.OrderBy(mark => mark.Ns))
        {
            if (mark.IsBegin) open.Push((mark.Ns, mark.Site!, mark.Arguments));
            else if (open.TryPop(out var begun)) spans.Add(new ChromeSpan(begun.Ns, mark.Ns, begun.Site, [.. begun.Arguments, .. mark.Arguments]));
            else EndsWithoutBegin++;
        }
        foreach (var (ns, site, arguments) in open) spans.Add(new ChromeSpan(ns, long.MaxValue, site, arguments));
        marks.Clear();
    }
}
