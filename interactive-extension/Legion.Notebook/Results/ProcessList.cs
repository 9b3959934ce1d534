using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Processes of a lake, newest first. What is selected in its live cell is selected here.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed class ProcessList : IReadOnlyList<LakeProcess>, IDisplayForms, ILiveResult
{
    // A question is answered in one message.
    const int MostRows = 1000;

    readonly IReadOnlyList<LakeProcess> _processes;
    readonly IReadOnlyList<(LakeProcess Process, int Depth)> _shown;
    volatile LakeProcess? _picked;

    /// <param name="isTree">Show parents before their children.</param>
    internal ProcessList(IReadOnlyList<LakeProcess> processes, bool isTree, Receipt receipt)
    {
        _processes = processes;
        _shown = isTree ? Tree(processes) : processes.Select(process => (process, 0)).ToList();
        Receipt = receipt;
    }

    public int Count => _processes.Count;

    public LakeProcess this[int index] => _processes[index];

    public Receipt Receipt { get; }

    /// <summary>The process that is meant where the list stands for one: that which is selected in the cell, or else the newest.</summary>
    /// <exception cref="InvalidOperationException">The list is empty.</exception>
    public LakeProcess Selection
    {
        get
        {
            SelectionReads.Add(this);
            return _picked ?? (Count > 0 ? _processes[0] : throw new InvalidOperationException("this list has no process"));
        }
    }

    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("process_id", _processes.Select(process => process.ProcessId.ToString())),
        new StringDataFrameColumn("exe", _processes.Select(process => process.Exe)),
        new StringDataFrameColumn("computer", _processes.Select(process => process.Computer)),
        new StringDataFrameColumn("user", _processes.Select(process => process.User)),
        new Int64DataFrameColumn("start_ns", _processes.Select(process => process.StartNs)),
        new Int64DataFrameColumn("end_ns", _processes.Select(process => process.EndNs)),
        new StringDataFrameColumn("state", _processes.Select(process => process.State)),
        new StringDataFrameColumn("properties", _processes.Select(process => process.Properties)));

    public IEnumerator<LakeProcess> GetEnumerator() => _processes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string ILiveResult.AskingCell() => JsonSerializer.Serialize(new { module = "processes", model = new { }, note = ReceiptText.Of(Receipt) });

    void ILiveResult.Select(JsonElement selection)
    {
        if (selection.ValueKind == JsonValueKind.Null)
        {
            _picked = null;
            return;
        }
        var id = new CellMessage(selection).Id("process_id");
        _picked = _processes.FirstOrDefault(process => process.ProcessId == id) ?? throw new FormatException($"expected a process of this list, saw '{id}'");
    }

    /// <summary>
    /// To <c>{"processes": {"from": 0, "count": 200, "text": "server"}}</c> the answer is <c>{"processes": [{...}, ...], "total": 3}</c>:
    /// of those processes of the list that have the text in a field or in their properties, whatever its case.
    /// </summary>
    Task<LiveAnswer> ILiveResult.AnswerAsync(JsonElement question, CancellationToken cancel)
    {
        var asked = new CellMessage(question).Object("processes");
        var (from, count, text) = (asked.Number("from", 0, int.MaxValue), asked.Number("count", 1, MostRows), asked.Text("text"));
        var found = _processes.Where(process => Fields(process).Any(field => field.Contains(text, StringComparison.OrdinalIgnoreCase))).ToList();
        return Task.FromResult(new LiveAnswer(new JsonObject
        {
            ["processes"] = new JsonArray([.. found.Skip(from).Take(count).Select(process => (JsonNode)new JsonObject
            {
                ["process_id"] = process.ProcessId.ToString(),
                ["exe"] = process.Exe,
                ["computer"] = process.Computer,
                ["user"] = process.User,
                ["start_ns"] = process.StartNs.ToString(CultureInfo.InvariantCulture),
                ["end_ns"] = process.EndNs.ToString(CultureInfo.InvariantCulture),
                ["state"] = process.State,
                ["properties"] = process.Properties,
            })]),
            ["total"] = found.Count,
        }));
    }

    static string[] Fields(LakeProcess process) =>
        [process.ProcessId.ToString(), process.Exe, process.Computer, process.User, process.State, process.Properties];

    TableText Table() => new(
        [new("process_id"), new("exe"), new("computer"), new("start (UTC)"), new("seconds", IsNumber: true), new("state"), new("properties")],
        _shown.Select(row => new[]
        {
            row.Process.ProcessId.ToString(),
            // Spaces of a kind that HTML keeps.
            new string('\u00a0', 2 * row.Depth) + FileName(row.Process.Exe),
            row.Process.Computer,
            row.Process.Start.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            row.Process.Duration.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),
            row.Process.State,
            row.Process.Properties,
        }).ToList(),
        ReceiptText.Of(Receipt));

    /// <summary>Those whose parent is not in the list stand first.</summary>
    static List<(LakeProcess, int)> Tree(IReadOnlyList<LakeProcess> processes)
    {
        var ids = processes.Select(process => process.ProcessId).ToHashSet();
        var children = processes.Where(process => process.Parent is { } parent && ids.Contains(parent)).ToLookup(process => process.Parent!.Value);
        var rows = new List<(LakeProcess, int)>();
        var seen = new HashSet<Guid>();
        foreach (var root in processes.Where(process => process.Parent is not { } parent || !ids.Contains(parent)))
            Add(root, 0);
        // Whose parents are in a ring, as no operating system makes them.
        foreach (var other in processes)
            Add(other, 0);
        return rows;

        void Add(LakeProcess process, int depth)
        {
            if (!seen.Add(process.ProcessId))
                return;
            rows.Add((process, depth));
            foreach (var child in children[process.ProcessId].OrderBy(child => child.StartNs))
                Add(child, depth + 1);
        }
    }

    // Recorded on any system, so with separators of any.
    static string FileName(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
}
