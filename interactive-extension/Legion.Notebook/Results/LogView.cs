using System.Collections;
using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>A line of a log.</summary>
/// <param name="TimeNs">Nanoseconds UTC.</param>
/// <param name="Level">trace, debug, info, warn, error or fatal.</param>
public sealed record LogLine(long TimeNs, string Level, string Thread, string Target, string Message)
{
    public DateTime Time => UtcTime.Of(TimeNs);
}

/// <summary>Lines of a process's log in the order of time. Its live cell has also those that the limit cut, and what is selected there is selected here.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed class LogView : IReadOnlyList<LogLine>, IDisplayForms, ILiveResult
{
    readonly IReadOnlyList<LogLine> _lines;
    readonly LogPages _pages;

    readonly bool _isTail;

    // A reference, so that whoever reads it has begin and end of the same selection.
    volatile Picked? _picked;

    sealed record Picked(TimeRange Range);

    /// <param name="isTail">What is missing is earlier, not later.</param>
    internal LogView(Guid process, IReadOnlyList<LogLine> lines, bool hasMore, bool isTail, LogPages pages, Receipt receipt)
    {
        _isTail = isTail;
        Process = process;
        _lines = lines;
        HasMore = hasMore;
        _pages = pages;
        Receipt = receipt;
    }

    public Guid Process { get; }

    public int Count => _lines.Count;

    public LogLine this[int index] => _lines[index];

    /// <summary>The limit cut it: there are later lines, or of the newest earlier ones.</summary>
    public bool HasMore { get; }

    public Receipt Receipt { get; }

    /// <summary>From the first line that is selected in the cell to the last; as long as none is, from the first line of all.</summary>
    /// <exception cref="InvalidOperationException">There is no line.</exception>
    public TimeRange Selection
    {
        get
        {
            SelectionReads.Add(this);
            return _picked?.Range ?? (Count > 0 ? new(_lines[0].TimeNs, _lines[^1].TimeNs) : throw new InvalidOperationException("this log has no line"));
        }
    }

    public DataFrame ToDataFrame() => new(
        new Int64DataFrameColumn("time_ns", _lines.Select(line => line.TimeNs)),
        new DateTimeDataFrameColumn("time", _lines.Select(line => line.Time)),
        new StringDataFrameColumn("level", _lines.Select(line => line.Level)),
        new StringDataFrameColumn("thread", _lines.Select(line => line.Thread)),
        new StringDataFrameColumn("target", _lines.Select(line => line.Target)),
        new StringDataFrameColumn("message", _lines.Select(line => line.Message)));

    public IEnumerator<LogLine> GetEnumerator() => _lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string ILiveResult.AskingCell() => JsonSerializer.Serialize(new { module = "logs", model = new { }, note = ReceiptText.Of(Receipt, Count) });

    void ILiveResult.Select(JsonElement selection)
    {
        if (selection.ValueKind == JsonValueKind.Null)
        {
            _picked = null;
            return;
        }
        var selected = new CellMessage(selection);
        var range = new TimeRange(selected.Long("begin_ns"), selected.Long("end_ns"));
        _picked = range.BeginNs <= range.EndNs ? new(range) : throw new FormatException($"expected a selection that ends after its begin, saw {range.BeginNs} to {range.EndNs}");
    }

    Task<LiveAnswer> ILiveResult.AnswerAsync(JsonElement question, CancellationToken cancel) => _pages.AnswerAsync(new(question), cancel);

    TableText Table() => new(
        [new("time (UTC)"), new("level"), new("thread"), new("target"), new("message")],
        _lines.Select(line => new[] { line.Time.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture), line.Level, line.Thread, line.Target, line.Message }).ToList(),
        HasMore ? $"there are {(_isTail ? "earlier" : "later")} lines: narrow the time, or raise the limit; {ReceiptText.Of(Receipt, Count)}" : ReceiptText.Of(Receipt, Count))
    {
        // Readable on white and on black.
        Color = row => _lines[row].Level switch
        {
            "fatal" or "error" => "#d6453d",
            "warn" => "#b7791f",
            "debug" or "trace" => "#808890",
            _ => null,
        },
    };
}
