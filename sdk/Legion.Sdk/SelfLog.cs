namespace Legion.Sdk;

/// <summary>Where the recording says what went wrong in itself. Threads of it only, never the program's.</summary>
sealed class SelfLog(Action<string>? take)
{
    Action<string>? take = take;

    /// <summary>Says what failed, even where memory is so short that the sentence cannot be made: then it stays unsaid.</summary>
    public void Report(string sentence, Exception failure)
    {
        try
        {
            Report($"{sentence}: {failure}");
        }
        catch (OutOfMemoryException)
        {
            // Whoever reports goes on, and tries again what failed.
        }
    }

    public void Report(string sentence)
    {
        // One that throws is not asked again.
        var call = (Take: take, Sentence: sentence);
        if (HostCode.Failure(ref call, static (ref (Action<string>? Take, string Sentence) call) => call.Take?.Invoke(call.Sentence)) is not null) take = null;
    }
}
