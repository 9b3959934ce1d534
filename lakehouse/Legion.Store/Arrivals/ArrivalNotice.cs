using System.Threading.Channels;

namespace Legion.Store;

/// <summary>Tells whoever works on arrivals that there may be one. Within a process alone: other processes' arrivals are found by looking.</summary>
public sealed class ArrivalNotice
{
    // One notice stands for any number: who wakes takes all there is.
    readonly Channel<bool> notices = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Give() => notices.Writer.TryWrite(true);

    /// <summary>Waits for a notice, at most <paramref name="longest"/>.</summary>
    /// <exception cref="OperationCanceledException">The waiting was cancelled.</exception>
    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await notices.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody gave notice in that time.
        }
    }
}
