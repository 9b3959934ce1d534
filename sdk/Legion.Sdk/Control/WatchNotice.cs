namespace Legion.Sdk;

/// <summary>
/// Whether somebody looks at the process as it runs. Answers of the server say so and nobody signs them: all that a forged one brings about is smaller blocks for a while.
/// </summary>
sealed class WatchNotice(Guid processId, TimeProvider clock)
{
    /// <summary>How long one answer counts. Longer than a process that records nothing is silent (<see cref="TelemetryOptions.Heartbeat"/>), so that what it records then is seen at once.</summary>
    static readonly TimeSpan counts = TimeSpan.FromSeconds(60);

    const long Never = long.MinValue;
    long heard = Never;

    /// <param name="watched">Processes that an answer names as watched.</param>
    public void Hear(HashSet<Guid> watched)
    {
        if (watched.Contains(processId)) Volatile.Write(ref heard, clock.GetTimestamp());
    }

    public bool IsWatched => Volatile.Read(ref heard) is var at && at != Never && clock.GetElapsedTime(at) < counts;
}
