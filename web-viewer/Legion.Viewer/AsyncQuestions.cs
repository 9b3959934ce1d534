using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about async spans: those of a window, placed in lanes, everything known of one, and which it is a part of.</summary>
sealed class AsyncQuestions(AsyncTimeline timeline, ProcessSpans spans)
{
    public async Task<Answer> WindowAsync(Question question) =>
        Answer.Json((await timeline.ReadAsync(question.RouteId("process"), question.Window(), cancellation: question.Cancellation)).WriteTo);

    public async Task<Answer> LinksAsync(Question question) =>
        Answer.Json((await spans.LinksAsync(question.RouteId("process"), question.RouteUnsigned("span"), question.Cancellation)).WriteTo);

    public async Task<Answer> DescribeAsync(Question question)
    {
        var (processId, spanId) = (question.RouteId("process"), question.RouteUnsigned("span"));
        var found = await spans.DescribeAsync(processId, spanId, question.Cancellation);
        return Answer.Json((found ?? throw new NotInLakeException($"there is no async span {spanId} in process '{processId}'")).WriteTo);
    }
}
