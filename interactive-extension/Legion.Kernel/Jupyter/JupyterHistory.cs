using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace Legion.Kernel.Jupyter;

/// <summary>The cells of this session, for front ends that go back through what was typed. Sessions before it are not kept.</summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/messaging.html#history</remarks>
sealed class JupyterHistory
{
    // Front ends take whatever number a kernel gives; 0 asks for the current session.
    const int SessionNumber = 1;

    readonly List<Entry> _entries = [];

    /// <param name="output">Of the cell's last expression, as text; null where it has none.</param>
    public void Add(int executionCount, string code, string? output) => _entries.Add(new(executionCount, code, output));

    /// <param name="request">The content of a history_request.</param>
    public JsonArray Find(JsonObject request)
    {
        var most = request["n"]?.GetValue<int>() ?? int.MaxValue;
        var found = (request["hist_access_type"]?.GetValue<string>() ?? "tail") switch
        {
            "range" => Range(request),
            "search" => Search(request["pattern"]?.GetValue<string>() ?? "*", request["unique"]?.GetValue<bool>() == true).TakeLast(most),
            _ => _entries.TakeLast(most),
        };
        var withOutput = request["output"]?.GetValue<bool>() == true;
        return [.. found.Select(entry => new JsonArray(SessionNumber, entry.ExecutionCount, withOutput ? new JsonArray(entry.Code, entry.Output) : (JsonNode)entry.Code))];
    }

    // From start up to, and without, stop.
    IEnumerable<Entry> Range(JsonObject request)
    {
        if ((request["session"]?.GetValue<int>() ?? 0) is not (0 or SessionNumber))
            return [];
        var start = request["start"]?.GetValue<int>() ?? 0;
        var stop = request["stop"]?.GetValue<int>() ?? int.MaxValue;
        return _entries.Where(entry => entry.ExecutionCount >= start && entry.ExecutionCount < stop);
    }

    // Of equal ones the last counts, which is the one that going back meets first.
    IEnumerable<Entry> Search(string pattern, bool unique)
    {
        var found = _entries.Where(entry => FileSystemName.MatchesSimpleExpression(pattern, entry.Code, ignoreCase: false));
        return unique ? found.Reverse().DistinctBy(entry => entry.Code).Reverse() : found;
    }

    readonly record struct Entry(int ExecutionCount, string Code, string? Output);
}
