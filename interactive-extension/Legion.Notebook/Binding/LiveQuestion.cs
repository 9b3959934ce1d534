using Legion.Lakehouse;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>A question that is asked again and again; each answer is shown in the place of the one before.</summary>
static class LiveQuestion
{
    // What a lake is asked more often costs more than anybody sees.
    const long LeastNs = 500_000_000;

    /// <summary>Goes on until it is cancelled, which is no failure but its end. Where nobody sits before it, once.</summary>
    /// <returns>The last answer; it has been shown.</returns>
    public static async Task<object?> RunAsync(LakeCall call, Func<CancellationToken, Task<object?>> ask, CancellationToken cancel)
    {
        var text = call.Text("live");
        if (!TimeText.TryParseDurationNs(text ?? "", out var everyNs) || everyNs < LeastNs)
            throw call.Call.Error(call.Call.Options["live"], $"--live takes a duration from 500ms on, such as 5s, not '{text}'");
        var place = $"live-{Guid.NewGuid():N}";
        using var timer = new PeriodicTimer(TimeSpan.FromTicks(everyNs / 100));
        object? last = null;
        try
        {
            do
            {
                last = await ask(cancel);
                if (last is not null)
                    call.Host.Display((last as MagicResult)?.Shown ?? last, place);
            }
            while (call.Host.IsInteractive && await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && last is not null)
        {
            // Somebody has seen enough.
        }
        return new MagicResult((last as MagicResult)?.Kept ?? last, null);
    }
}
