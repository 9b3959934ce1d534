using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about the spans of a time: how many of each name there are, and how long they took.</summary>
sealed class StatisticsQuestions(SpanSelections selections)
{
    public async Task<Answer> WindowAsync(Question question)
    {
        var window = question.Window();
        return Answer.Json(new StatisticsWindow(window, await selections.ReadAsync(question.RouteId("process"), window.FromNs, window.ToNs, cancellation: question.Cancellation)).WriteTo);
    }
}
