using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about spans merged by their call paths: those of each thread, or around one function.</summary>
sealed class MergedQuestions(CallPaths paths)
{
    public async Task<Answer> WindowAsync(Question question)
    {
        var (processId, window) = (question.RouteId("process"), question.Window());
        var mode = question.Text("mode");
        var function = question.Value("function");
        if (mode is not ("left-heavy" or "sandwich")) throw new MalformedQuestionException($"expected left-heavy or sandwich as mode, saw '{mode}'");
        try
        {
            var forest = await paths.ReadAsync(processId, window.FromNs, window.ToNs, cancellation: question.Cancellation);
            return Answer.Json((mode == "sandwich" ? forest.Sandwich(function ?? forest.Heaviest ?? "") : forest.LeftHeavy()).WriteTo);
        }
        catch (QueryException tooMany)
        {
            throw new MalformedQuestionException(tooMany.Message);
        }
    }
}
