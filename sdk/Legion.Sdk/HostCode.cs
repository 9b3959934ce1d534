namespace Legion.Sdk;

/// <summary>
/// The border to the program's own code, where that runs within a call that only records or on a thread of the recording: what it throws, of whatever kind, stays here.
/// </summary>
static class HostCode
{
    public delegate void Code<TState>(ref TState state) where TState : allows ref struct;

    /// <summary>Runs the program's code. It may record itself.</summary>
    /// <returns>Null where it ran through; otherwise what ended it.</returns>
    public static Exception? Failure<TState>(ref TState state, Code<TState> code) where TState : allows ref struct
    {
        try
        {
            code(ref state);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
