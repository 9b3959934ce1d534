using System.CommandLine;
using Legion.Lakehouse.Sql.Workers;

namespace Legion.Cli.Commands;

/// <summary>The options of <c>legion serve</c> that say what people's queries may take.</summary>
sealed class SqlLimitOptions
{
    /// <summary>Less has no room for the runtime and an engine.</summary>
    const long LeastMemory = 256L << 20;

    static readonly TimeSpan longest = TimeSpan.FromHours(1);
    static readonly SqlLimits defaults = new();

    readonly Option<string> timeout = new("--sql-timeout") { Description = "how long engines may work on one query of the viewer or of Flight", HelpName = "T", DefaultValueFactory = _ => $"{defaults.Timeout.TotalSeconds:0}s" };
    readonly Option<long> memory = LimitOptions.Positive("--sql-memory", "bytes of memory that such a query may take; the system enforces it", defaults.MemoryBytes);
    readonly Option<long> disk = LimitOptions.Positive("--sql-disk", "bytes that such a query may put aside on disk", defaults.TemporaryBytes);
    readonly Option<long> atOnce = LimitOptions.Positive("--sql-at-once", "such queries at the same time, of one reader half as many; others wait", defaults.MostAtOnce);

    public static SqlLimitOptions AddTo(Command command)
    {
        var options = new SqlLimitOptions();
        command.Add(options.timeout);
        command.Add(options.memory);
        command.Add(options.disk);
        command.Add(options.atOnce);
        return options;
    }

    /// <exception cref="CommandFailure">One is not possible.</exception>
    public SqlLimits Read(ParseResult parsed)
    {
        var most = (int)Math.Min(parsed.GetValue(atOnce), 1000);
        var bytes = parsed.GetResult(memory) is { Implicit: false } ? parsed.GetValue(memory) : SqlLimits.MemoryOf(most);
        if (bytes < LeastMemory) throw CommandFailure.Usage($"cannot use {bytes} as {memory.Name}: expected at least {LeastMemory}, of which the runtime takes a part");
        return defaults with
        {
            Timeout = TimeOption.Duration(parsed, timeout, longest),
            MemoryBytes = bytes,
            TemporaryBytes = parsed.GetValue(disk),
            MostAtOnce = most,
        };
    }
}
