namespace Legion.Sdk;

/// <summary>
/// What a recording takes from instrumentation that a program has already: activities, meters, the runtime's counters.
/// <see cref="Telemetry.Start"/> takes nothing of it unless asked, so that a recording costs what its own calls cost and holds what they say;
/// a host that calls <c>AddLegion()</c> takes <see cref="Default"/>, which is cheap and answers the first questions.
/// </summary>
/// <remarks>
/// Names of sources and meters are patterns: <c>*</c> is all, <c>My.Company.*</c> all that begin so, and <c>!Noisy</c> takes away what the others gave.
/// Counters are polled on one thread of the recording's own, never on the thread pool, so that they go on when that is starved.
/// </remarks>
public sealed record Bridges
{
    /// <summary>Nothing.</summary>
    public static Bridges None { get; } = new();

    /// <summary>Activities, meters, and the counters of runtime and machine.</summary>
    public static Bridges Default { get; } = new()
    {
        // The runtime's experimental sources tell of each connection and name look-up, also of those that the uploads make.
        Activities = ["*", "!Experimental.*"],
        // What System.Runtime says is among the runtime's counters; the server's memory pool measures each buffer that it lends.
        Meters = ["*", "!System.Runtime", "!Private.*", "!Microsoft.AspNetCore.MemoryPool"],
        Runtime = true,
        System = true,
    };

    /// <summary>Activity sources of which each activity becomes an async span. All of its data is asked for: 0.5 to 1 us an activity, beside as much that it costs itself once anybody listens.</summary>
    public IReadOnlyList<string> Activities { get; init; } = [];

    /// <summary>
    /// Meters of which measurements are recorded one by one: increments of counters, samples of everything else.
    /// An up-down counter is a sample of its sum so far; an observable counter is what it grew by, from 0 on.
    /// </summary>
    public IReadOnlyList<string> Meters { get; init; } = [];

    /// <summary>How often observable instruments are asked. One second where somebody watches: each asks the program's own code.</summary>
    public TimeSpan MeterInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Counters of the runtime, by the names <c>runtime.gc.*</c>, <c>runtime.jit.*</c>, <c>runtime.threadpool.*</c>, <c>runtime.lock.contentions</c> and <c>runtime.exceptions</c>.
    /// Sizes and lengths are samples; what only grows is recorded as what it grew by since the poll before.
    /// </summary>
    public bool Runtime { get; init; }

    /// <summary>
    /// Processor time and memory of the process (<c>process.*</c>) and, on Linux, of the machine (<c>system.*</c>).
    /// Processor time is recorded as what it grew by, everything else as samples.
    /// </summary>
    public bool System { get; init; }

    /// <summary>How often the counters of runtime and machine are read, some 10 us each time.</summary>
    public TimeSpan CounterInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Each exception that is thrown, caught or not, becomes a log of the target <c>exceptions</c> and the level info. Not to be had lightly:
    /// that takes 6 to 7 us each, and there are programs that throw thousands a second.
    /// </summary>
    public bool Exceptions { get; init; }
}
