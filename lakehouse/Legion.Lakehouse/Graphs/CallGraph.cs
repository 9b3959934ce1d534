using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Graphs;

/// <summary>Spans of a name that those of another called, wherever that was.</summary>
/// <param name="Caller">Null for roots, which nothing called.</param>
/// <param name="TotalNs">Their time, as in the view <c>call_graph</c>: those within another of the same name are not counted again, so that all callers of a name together have its total.</param>
public readonly record struct FunctionCall(string? Caller, string Callee, long Count, long TotalNs);

/// <summary>Who calls whom in a time of a process, by name. What spans count is what <see cref="CallForest"/> says.</summary>
public sealed class CallGraph
{
    /// <summary>Beyond these nobody sees more than a cloud; they are laid out within two seconds.</summary>
    public const int UsualNodes = 10_000, UsualEdges = 50_000;

    readonly CallForest forest;

    internal CallGraph(CallForest forest)
    {
        this.forest = forest;
        var sums = new Dictionary<(string? Caller, string Callee), (long Count, long TotalNs)>();
        var around = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var lane in forest.Lanes) Add(lane.Root, null);
        Calls =
        [
            .. sums.Select(sum => new FunctionCall(sum.Key.Caller, sum.Key.Callee, sum.Value.Count, sum.Value.TotalNs))
                .OrderByDescending(call => call.TotalNs).ThenByDescending(call => call.Count).ThenBy(call => call.Caller, StringComparer.Ordinal).ThenBy(call => call.Callee, StringComparer.Ordinal),
        ];

        void Add(CallFrame frame, string? caller)
        {
            foreach (var child in frame.Children)
            {
                var within = around.GetValueOrDefault(child.Name);
                var (count, totalNs) = sums.GetValueOrDefault((caller, child.Name));
                sums[(caller, child.Name)] = (count + child.Count, totalNs + (within == 0 ? child.TotalNs : 0));
                around[child.Name] = within + 1;
                Add(child, child.Name);
                around[child.Name] = within;
            }
        }
    }

    /// <summary>Those of most time first.</summary>
    public IReadOnlyList<FunctionCall> Calls { get; }

    /// <summary>Who calls a function and whom it calls. Where there is no such span, neither has anything.</summary>
    public FunctionCalls Around(string name, int most = FunctionCalls.Usual) => new(
        forest.FromNs, forest.ToNs, forest.Function(name), Wing.Of(Calls.Where(call => call.Callee == name), most), Wing.Of(Calls.Where(call => call.Caller == name), most));

    /// <summary>The functions of most time and the calls of most time between them, laid out.</summary>
    public DrawnGraph Drawn(int mostNodes = UsualNodes, int mostEdges = UsualEdges)
    {
        var functions = forest.Functions.Take(mostNodes).ToArray();
        var numbers = functions.Select((function, number) => (function.Name, number)).ToDictionary(StringComparer.Ordinal);
        var (edges, calls) = (new List<DrawnCall>(), 0);
        foreach (var call in Calls)
        {
            if (call.Caller is null) continue;
            calls++;
            if (edges.Count < mostEdges && numbers.TryGetValue(call.Caller, out var caller) && numbers.TryGetValue(call.Callee, out var callee)) edges.Add(new(caller, callee, call.Count, call.TotalNs));
        }
        var layout = LayeredLayout.Of(functions.Length, [.. edges.Select(edge => new GraphEdge(edge.Caller, edge.Callee))]);
        return new DrawnGraph(forest.FromNs, forest.ToNs, functions, layout.Points(), edges, forest.Functions.Count - functions.Length, calls - edges.Count);
    }
}
