namespace Legion.Benchmarks.Cost;

/// <summary>A kind of instrumented process: how long it runs and what it emits, all threads together.</summary>
/// <param name="Hours">It runs.</param>
/// <param name="SpanEvents">Begins and ends of spans a second.</param>
/// <param name="Metrics">A second.</param>
/// <param name="Logs">A second.</param>
sealed record ProcessKind(string Name, double Hours, int Threads, int SpanEvents, int Metrics, int Logs)
{
    /// <summary>A player's session: a frame loop with its workers.</summary>
    public static ProcessKind Game { get; } = new("game", 1, 8, 20_000, 60, 2);

    /// <summary>A server of a fleet that runs all day.</summary>
    public static ProcessKind Service { get; } = new("service", 24, 24, 2_000, 100, 10);

    /// <summary>A short job: a build step, a test, a command.</summary>
    public static ProcessKind Job { get; } = new("job", 1 / 60.0, 4, 5_000, 20, 5);

    /// <summary>The mix of events that a comparable system reports: 165 of traces to 275 of metrics to 9 of logs. Its rate a process is not reported; this one is a small service's.</summary>
    public static ProcessKind Reported { get; } = new("reported", 24, 16, 1_650, 2_750, 90);

    public static IReadOnlyList<ProcessKind> All { get; } = [Game, Service, Job];
}
