using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>
/// Parameters that stand for a selection: of a variable <c>f</c> with a begin and an end, <c>$f_begin_ns</c> and <c>$f_end_ns</c>, both within it;
/// of a flame chart in which a span is selected also <c>$f_span_id</c> and, if it is a thread's, <c>$f_stream_id</c>.
/// </summary>
static class SelectedTimes
{
    public static bool TryGet(string parameter, INotebookHost host, out object? value)
    {
        value = Of("_begin_ns") is { } begins ? MagicTimes.Selected(begins)?.BeginNs
            : Of("_end_ns") is { } ends ? MagicTimes.Selected(ends)?.EndNs
            : Of("_span_id") is FlameView span ? span.SelectedSpan is { } ofThread ? ofThread.SpanId : span.SelectedAsyncSpan?.SpanId
            : Of("_stream_id") is FlameView stream ? stream.SelectedSpan?.StreamId
            : null;
        return value is not null;

        object? Of(string ending) =>
            parameter.EndsWith(ending, StringComparison.Ordinal) && host.TryGetVariable(parameter[..^ending.Length], out var variable) ? variable : null;
    }
}
