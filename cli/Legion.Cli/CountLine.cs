namespace Legion.Cli;

/// <summary>Shows on stderr how many have been done, where that is a terminal; the line is gone at the end.</summary>
/// <param name="what">What is counted, as in "objects looked at".</param>
sealed class CountLine(string what) : IProgress<long>, IDisposable
{
    bool shown;

    public void Report(long value)
    {
        if (Console.IsErrorRedirected) return;
        Console.Error.Write($"\r\u001b[K{value:N0} {what}");
        shown = true;
    }

    public void Dispose()
    {
        if (shown) Console.Error.Write("\r\u001b[K");
        shown = false;
    }
}
