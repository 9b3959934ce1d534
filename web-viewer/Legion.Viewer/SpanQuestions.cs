using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about single spans.</summary>
sealed class SpanQuestions(ProcessSpans spans)
{
    const int UsualHits = 100;

    /// <summary>Spans of threads, and async ones, that begin in a time and whose name contains the text, whatever its case; in order of begin.</summary>
    public async Task<Answer> FindAsync(Question question)
    {
        var processId = question.RouteId("process");
        var text = question.Text("text");
        if (text.Length == 0) throw new MalformedQuestionException("expected text to find, saw none");
        var range = new QueryRange(question.Ns("from_ns"), question.Ns("to_ns"));
        return Answer.Json((await spans.FindAsync(processId, text, range, question.Limit(UsualHits), cancellation: question.Cancellation)).WriteTo);
    }

    /// <summary>How many of the spans that are found begin in which part of a window.</summary>
    public async Task<Answer> DensityAsync(Question question)
    {
        var processId = question.RouteId("process");
        var text = question.Text("text");
        if (text.Length == 0) throw new MalformedQuestionException("expected text to find, saw none");
        return Answer.Json((await spans.DensityAsync(processId, text, question.Window(), cancellation: question.Cancellation)).WriteTo);
    }

    /// <summary>What the points of flows in a span of a thread are linked to.</summary>
    public async Task<Answer> LinksAsync(Question question) =>
        Answer.Json((await spans.LinksAsync(question.RouteId("process"), question.RouteId("stream"), question.RouteNumber("span", long.MaxValue), question.Cancellation)).WriteTo);

    public async Task<Answer> DescribeAsync(Question question)
    {
        var (processId, streamId, spanId) = (question.RouteId("process"), question.RouteId("stream"), question.RouteNumber("span", long.MaxValue));
        var found = await spans.DescribeAsync(processId, streamId, spanId, question.Cancellation);
        return Answer.Json((found ?? throw new NotInLakeException($"there is no span {spanId} of stream '{streamId}' in process '{processId}'")).WriteTo);
    }
}
