using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about spans merged by their call paths: those of each thread, or around one function.</summary>
sealed class MergedQuestions(CallPaths paths)
{
    public async Task<Answer> WindowAsync(Question question)
    {
        var mode = question.Text("mode");
        var function = question.Value("function");
        if (mode is not ("left-heavy" or "sandwich")) throw new MalformedQuestionException($"expected left-heavy or sandwich as mode, saw '{mode}'");
        var forest = await paths.OfAsync(question);
        return Answer.Json((mode == "sandwich" ? forest.Sandwich(function ?? forest.Heaviest ?? "") : forest.LeftHeavy()).WriteTo);
    }
}
