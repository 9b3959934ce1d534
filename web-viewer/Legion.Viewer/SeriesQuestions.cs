using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about the metrics of a process and the durations of its frames: which there are, and their values over time.</summary>
sealed class SeriesQuestions(ProcessTimeline timeline)
{
    public async Task<Answer> ListAsync(Question question)
    {
        var series = await timeline.SeriesAsync(question.RouteId("process"), question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("series");
            TimelineSeries.WriteTo(json, series);
            json.WriteEndObject();
        });
    }

    public async Task<Answer> BucketsAsync(Question question)
    {
        var (processId, window) = (question.RouteId("process"), question.Window());
        var names = question.Values("name");
        if (names.Count is 0 or > ProcessTimeline.MostNames) throw new MalformedQuestionException($"expected from 1 to {ProcessTimeline.MostNames} names, saw {names.Count}");
        return Answer.Json((await timeline.SeriesAsync(processId, names, window, cancellation: question.Cancellation)).WriteTo);
    }
}
