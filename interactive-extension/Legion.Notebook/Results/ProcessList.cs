using System.Collections;
using System.Globalization;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Processes of a lake, newest first.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed class ProcessList : IReadOnlyList<LakeProcess>, IDisplayForms
{
    readonly IReadOnlyList<LakeProcess> _processes;
    readonly IReadOnlyList<(LakeProcess Process, int Depth)> _shown;

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

    /// <summary>The process that is meant where the list stands for one: the newest.</summary>
    /// <exception cref="InvalidOperationException">The list is empty.</exception>
    public LakeProcess Selection => Count > 0 ? _processes[0] : throw new InvalidOperationException("this list has no process");

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
