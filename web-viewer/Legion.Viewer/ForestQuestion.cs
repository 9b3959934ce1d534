using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>What several questions ask of call paths: those of a process in a time.</summary>
static class ForestQuestion
{
    /// <exception cref="MalformedQuestionException">The time is missing, or has too many spans.</exception>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public static async Task<CallForest> OfAsync(this CallPaths paths, Question question)
    {
        var (processId, window) = (question.RouteId("process"), question.Window());
        try
        {
            return await paths.ReadAsync(processId, window.FromNs, window.ToNs, cancellation: question.Cancellation);
        }
        catch (QueryException tooMany)
        {
            throw new MalformedQuestionException(tooMany.Message);
        }
    }
}
