using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>What the cell of a metric explorer may ask: which series there are, and their values in any time. The forms are those of the viewer's JSON.</summary>
sealed class MetricQuestions(ProcessTimeline timeline, Guid process)
{
    /// <summary>
    /// To <c>{"series": {}}</c> the answer is <c>{"series": [...]}</c>; to <c>{"beside": {"from_ns": "1", "to_ns": "9", "counters": ["queue"]}}</c>
    /// it is <c>{"counters": {"step_ns": 1, "series": [...]}}</c>.
    /// </summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public async Task<LiveAnswer> AnswerAsync(CellMessage question, CancellationToken cancel)
    {
        if (question.Has("beside"))
        {
            var asked = question.Object("beside");
            var (fromNs, toNs) = (asked.Long("from_ns"), asked.Long("to_ns"));
            if (TimeWindow.Of(fromNs, toNs) is not { } window)
                throw new FormatException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
            var names = asked.Texts("counters", ProcessTimeline.MostNames);
            if (names.Count == 0)
                throw new FormatException("expected counters to ask for, saw none");
            var values = await timeline.SeriesAsync(process, names, window, cancellation: cancel);
            return Answer("counters", values.WriteTo);
        }
        if (question.Has("series"))
        {
            var all = await timeline.SeriesAsync(process, cancel);
            return Answer("series", json => TimelineSeries.WriteTo(json, all));
        }
        throw new FormatException("expected a question for beside or series");
    }

    static LiveAnswer Answer(string name, Action<Utf8JsonWriter> write) => LiveAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName(name);
        write(json);
        json.WriteEndObject();
    });
}
