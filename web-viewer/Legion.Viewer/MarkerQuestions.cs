using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about markers: those of a window.</summary>
sealed class MarkerQuestions(ProcessTimeline timeline)
{
    public async Task<Answer> WindowAsync(Question question) =>
        Answer.Json((await timeline.MarkersAsync(question.RouteId("process"), question.Window(), cancellation: question.Cancellation)).WriteTo);
}
