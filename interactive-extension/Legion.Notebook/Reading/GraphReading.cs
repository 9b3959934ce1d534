using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>Which calls of a process.</summary>
public sealed record GraphQuery
{
    /// <summary>Only what spans of this name call, and what these call in turn; null: all.</summary>
    public string? Root { get; init; }

    /// <summary>At most so many calls, those of most time.</summary>
    public long Top { get; init; } = 2000;

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>Reads who calls whom.</summary>
sealed class GraphReading(Lake lake, Guid process)
{
    public async Task<CallGraph> ReadAsync(GraphQuery query, CancellationToken cancel)
    {
        await lake.FindProcessAsync(process, cancel);
        using var result = await lake.QueryAsync(
            "SELECT caller, callee, count, total_ns, self_ns FROM call_graph WHERE process_id = $process ORDER BY total_ns DESC, caller, callee",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process }, Progress = query.Progress }, cancel);
        var edges = new List<CallEdge>();
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                edges.Add(new(rows.IsNull(0) ? null : rows.Text(0), rows.Text(1), rows.Int64(2), rows.Int64(3), rows.Int64(4)));
        if (query.Root is { } root)
        {
            if (!edges.Exists(edge => edge.Callee == root))
                throw new NotInLakeException($"there is no span '{root}' in this process{NearestName.Suggestion(root, edges.Select(edge => edge.Callee).Distinct())}");
            var reached = Reached(root, edges);
            edges = [.. edges.Where(edge => edge.Caller is { } caller && reached.Contains(caller))];
        }
        var shown = edges.Take((int)Math.Min(query.Top, int.MaxValue)).ToList();
        return new CallGraph(process, query.Root, shown, shown.Count < edges.Count, result.Receipt);
    }

    static HashSet<string> Reached(string root, List<CallEdge> edges)
    {
        var callees = edges.Where(edge => edge.Caller is not null).ToLookup(edge => edge.Caller!, edge => edge.Callee);
        var reached = new HashSet<string> { root };
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out var name))
            foreach (var callee in callees[name])
                if (reached.Add(callee))
                    open.Enqueue(callee);
        return reached;
    }
}
