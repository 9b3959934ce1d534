using Legion.Lakehouse.Graphs;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about who calls whom in a time.</summary>
sealed class GraphQuestions(CallPaths paths)
{
    /// <summary>The heaviest functions and calls, laid out.</summary>
    public async Task<Answer> DrawnAsync(Question question) => Answer.Json((await paths.OfAsync(question)).Graph.Drawn().WriteTo);

    /// <summary>The functions to choose from.</summary>
    public async Task<Answer> FunctionsAsync(Question question) => Answer.Json(FunctionList.Of(await paths.OfAsync(question)).WriteTo);

    /// <summary>Callers and callees of one function, whose name may be empty.</summary>
    public async Task<Answer> CallsAsync(Question question)
    {
        var function = question.Value("function") ?? "";
        return Answer.Json((await paths.OfAsync(question)).Graph.Around(function).WriteTo);
    }
}
