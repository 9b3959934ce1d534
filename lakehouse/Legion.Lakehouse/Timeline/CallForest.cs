using System.Text.Json;
using Legion.Lakehouse.Graphs;

namespace Legion.Lakehouse.Timeline;

/// <summary>Spans of one thread, merged by their call paths.</summary>
/// <param name="Root">Stands for the thread: it has no name and no spans, its children are the roots.</param>
public sealed record CallLane(Guid StreamId, string Thread, CallFrame Root);

/// <summary>A name, whatever its callers.</summary>
/// <param name="Count">All its spans.</param>
/// <param name="TotalNs">Their time, those within another of the same name not counted again.</param>
/// <param name="SelfNs">Of all of them.</param>
public readonly record struct CallFunction(string Name, long Count, long TotalNs, long SelfNs)
{
    /// <summary>Name, count, total and self time.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        json.WriteStringValue(Name);
        json.WriteNumberValue(Count);
        json.WriteNumberValue(TotalNs);
        json.WriteNumberValue(SelfNs);
        json.WriteEndArray();
    }
}

/// <summary>Spans of a time of a process, merged by their call paths, for each thread.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
/// <param name="Lanes">Threads that have spans in the time, in the order of the timeline.</param>
public sealed record CallForest(long FromNs, long ToNs, IReadOnlyList<CallLane> Lanes)
{
    /// <summary>Frames of an answer for a screen: a pixel is wider than what is beyond them.</summary>
    public const int UsualFrames = 4000;

    const int MostFunctions = 500;

    CallFunction[]? functions;
    CallGraph? graph;

    public long Spans => All.Sum(frame => frame.Count);

    /// <summary>Different call paths, those of each thread by themselves.</summary>
    public int Paths => All.Count();

    /// <summary>All names, those of most time first.</summary>
    public IReadOnlyList<CallFunction> Functions => functions ??= [.. FunctionsOf(Lanes).OrderByDescending(function => function.TotalNs).ThenBy(function => function.Name, StringComparer.Ordinal)];

    /// <summary>The name in which most time passes that it does not pass on; null where there are no spans.</summary>
    public string? Heaviest => Functions.Count == 0 ? null : Functions.MaxBy(function => function.SelfNs).Name;

    /// <summary>Who calls whom.</summary>
    public CallGraph Graph => graph ??= new CallGraph(this);

    IEnumerable<CallFrame> All => Lanes.SelectMany(lane => Below(lane.Root));

    /// <summary>The same without other threads.</summary>
    public CallForest Only(IReadOnlyCollection<Guid> streams) => new(FromNs, ToNs, [.. Lanes.Where(lane => streams.Contains(lane.StreamId))]);

    /// <summary>The call paths of each thread, siblings in order of their weight: the heaviest of them, and how much is left out.</summary>
    public MergedSpans LeftHeavy(int mostFrames = UsualFrames) => Answer(null, [.. Lanes.Select(lane => (lane.Thread, (Guid?)lane.StreamId, lane.Root))], mostFrames, MostFunctions);

    /// <summary>Who calls spans of a name, as a tree that begins with the nearest caller, and what they call. Where there is no such span, neither has anything.</summary>
    public MergedSpans Sandwich(string name, int mostFrames = UsualFrames, int mostFunctions = MostFunctions)
    {
        var (callers, callees) = (new CallFrame("", null), new CallFrame("", null));
        foreach (var lane in Lanes) AddOf(lane.Root, name, callers, callees);
        SumUp(callers);
        callees.Finish();
        return Answer(Function(name), [("callers", null, callers), ("callees", null, callees)], mostFrames, mostFunctions);
    }

    /// <summary>All spans of a name, of which there may be none.</summary>
    public CallFunction Function(string name) => Functions.FirstOrDefault(function => function.Name == name, new CallFunction(name, 0, 0, 0));

    /// <summary>At most so many names: half of them those of most time, the others those of most self time.</summary>
    internal IReadOnlyList<CallFunction> HeaviestFunctions(int most) => Functions.Count <= most ? Functions
        : [.. Functions.Take(most / 2).Union(Functions.OrderByDescending(function => function.SelfNs).Take(most / 2)).OrderByDescending(function => function.TotalNs)];

    MergedSpans Answer(CallFunction? middle, IReadOnlyList<(string Title, Guid? StreamId, CallFrame Root)> trees, int mostFrames, int mostFunctions)
    {
        var shown = HeaviestFunctions(mostFunctions);
        return new MergedSpans(FromNs, ToNs, Spans, Paths, middle, MergedTree.Heaviest(trees, mostFrames), shown, Functions.Count - shown.Count);
    }

    /// <summary>Adds the outermost spans of a name: those within another are a part of what it calls.</summary>
    static void AddOf(CallFrame frame, string name, CallFrame callers, CallFrame callees)
    {
        foreach (var child in frame.Children)
        {
            if (child.Name != name)
            {
                AddOf(child, name, callers, callees);
                continue;
            }
            var at = callers;
            for (var caller = child.Parent; caller?.Parent is not null; caller = caller.Parent)
            {
                at = at.Child(caller.Name);
                at.Count += child.Count;
                at.TotalNs += child.TotalNs;
            }
            callees.Add(child);
        }
    }

    /// <summary>Of callers the totals are there; what a caller's own callers do not have came from a root.</summary>
    static void SumUp(CallFrame frame)
    {
        frame.Order();
        foreach (var child in frame.Children) SumUp(child);
        frame.SelfNs = Math.Max(0, frame.TotalNs - frame.Children.Sum(child => child.TotalNs));
    }

    static IEnumerable<CallFrame> Below(CallFrame frame) => frame.Children.SelectMany(child => Below(child).Prepend(child));

    static IEnumerable<CallFunction> FunctionsOf(IEnumerable<CallLane> lanes)
    {
        var sums = new Dictionary<string, (long Count, long TotalNs, long SelfNs)>(StringComparer.Ordinal);
        var around = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var lane in lanes) Add(lane.Root);
        return sums.Select(sum => new CallFunction(sum.Key, sum.Value.Count, sum.Value.TotalNs, sum.Value.SelfNs));

        void Add(CallFrame frame)
        {
            foreach (var child in frame.Children)
            {
                var within = around.GetValueOrDefault(child.Name);
                var sum = sums.GetValueOrDefault(child.Name);
                sums[child.Name] = (sum.Count + child.Count, sum.TotalNs + (within == 0 ? child.TotalNs : 0), sum.SelfNs + child.SelfNs);
                around[child.Name] = within + 1;
                Add(child);
                around[child.Name] = within;
            }
        }
    }
}
