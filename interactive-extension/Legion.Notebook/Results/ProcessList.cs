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

    internal ProcessList(IReadOnlyList<LakeProcess> processes, Receipt receipt)
    {
        _processes = processes;
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
        _processes.Select(process => new[]
        {
            process.ProcessId.ToString(),
            FileName(process.Exe),
            process.Computer,
            process.Start.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            process.Duration.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),
            process.State,
            process.Properties,
        }).ToList(),
        ReceiptText.Of(Receipt));

    // Recorded on any system, so with separators of any.
    static string FileName(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
}
