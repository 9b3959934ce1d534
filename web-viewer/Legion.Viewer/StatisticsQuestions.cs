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

    /// <summary>Spans of a name by when they ended and how long they took.</summary>
    public async Task<Answer> HeatAsync(Question question)
    {
        var (processId, window, name) = (question.RouteId("process"), question.Window(), question.Text("name"));
        if (name.Length == 0) throw new MalformedQuestionException("expected the name of spans, saw none");
        return Answer.Json((await selections.ReadHeatAsync(processId, name, window, question.Cancellation)).WriteTo);
    }
}
