namespace Legion.Ingestion;

/// <summary>
/// Fills steadily up to a burst. What is taken may exceed what is there: nothing is given then until that is paid for,
/// so that one large request has to wait longer and is not impossible, and one of unknown size can be paid for afterwards.
/// Not for several threads at once. Written here because the framework's limiters take no clock and no debts.
/// </summary>
sealed class TokenBucket(double perSecond, TimeSpan burst, TimeProvider clock)
{
    readonly double most = perSecond * burst.TotalSeconds;
    double tokens = perSecond * burst.TotalSeconds;
    long filled = clock.GetTimestamp();

    /// <returns>How long to wait before taking; zero where there is enough.</returns>
    public TimeSpan Wait()
    {
        var now = clock.GetTimestamp();
        tokens = Math.Min(most, tokens + perSecond * clock.GetElapsedTime(filled, now).TotalSeconds);
        filled = now;
        return tokens > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / perSecond) + TimeSpan.FromTicks(1);
    }

    public void Take(double amount) => tokens -= amount;
}
