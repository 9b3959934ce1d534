using System.Reflection;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Reads the times that a magic's options name.</summary>
static class MagicTimes
{
    /// <summary>From <c>--from</c> and <c>--to</c>, or from <c>--last</c>, or from <c>--in</c>.</summary>
    /// <exception cref="MagicException">An option is no time, or they contradict each other.</exception>
    public static QueryRange Range(MagicCall call, INotebookHost host)
    {
        var nowNs = UtcTime.NowNs;
        var (fromNs, toNs) = (Ns(call, "from", host, nowNs), Ns(call, "to", host, nowNs));
        if (fromNs >= toNs)
            throw call.Error(call.Options["to"], $"--to is not after --from: {TimeText.Format(toNs.Value)}");
        if (call.Options.TryGetValue("last", out var last))
        {
            if (fromNs is not null || toNs is not null || call.Options.ContainsKey("in"))
                throw call.Error(last, "--last names a time range, and so do --from, --to and --in: give one of them");
            return TimeText.TryParseDurationNs(call.Text("last", host) ?? "", out var ns) ? new(nowNs - ns, null)
                : throw call.Error(last, $"--last takes a duration such as 15m or 24h, not '{call.Text("last", host)}'");
        }
        if (!call.Options.TryGetValue("in", out var at))
            return new(fromNs, toNs);
        if (fromNs is not null || toNs is not null)
            throw call.Error(at, "--in names a time range, and so do --from and --to: give one of them");
        var range = Selected(call.Option("in", host))
            ?? throw call.Error(at, $"'{at.Text}' is no selection: expected a variable with a begin and an end");
        return new(range.BeginNs, range.EndNs + 1);
    }

    static long? Ns(MagicCall call, string option, INotebookHost host, long nowNs)
    {
        // Another verb may have another option of this name: what to export to is no time.
        if (!call.Options.TryGetValue(option, out var at) || call.Verb.Option(option) is not { Value: Verbs.TimeValue })
            return null;
        if (Point(call.Option(option, host)) is { } ns)
            return ns;
        try
        {
            return TimeText.ParseNs(call.Text(option, host) ?? "", nowNs);
        }
        catch (FormatException error)
        {
            throw call.Error(at, error.Message);
        }
    }

    /// <summary>Nanoseconds of a point in time; null where the value is none.</summary>
    static long? Point(object? value) => value switch
    {
        long ns => ns,
        DateTime time => UtcTime.Ns(time),
        DateTimeOffset time => UtcTime.Ns(time.UtcDateTime),
        _ => null,
    };

    /// <summary>The time range of whatever has a begin and an end: a result, a row of a DataFrame, an object of the user's.</summary>
    public static TimeRange? Selected(object? value) => value switch
    {
        null => null,
        TimeRange range => range,
        FlameView flame => flame.Selection,
        LogView { Count: > 0 } log => log.Selection,
        Series series => series.Selection,
        MetricExplorer explorer => explorer.Selection,
        LakeProcess process => new(process.StartNs, process.EndNs),
        DataFrameRow row => Between(name => row.GetValues().FirstOrDefault(cell => cell.Key == name).Value, "begin_ns", "end_ns"),
        _ => Between(name => Member(value, name), "BeginNs", "EndNs") ?? Between(name => Member(value, name), "Begin", "End"),
    };

    static TimeRange? Between(Func<string, object?> member, string begin, string end) =>
        Point(member(begin)) is { } beginNs && Point(member(end)) is { } endNs && beginNs <= endNs ? new(beginNs, endNs) : null;

    static object? Member(object value, string name) =>
        value.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(value)
        ?? value.GetType().GetField(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(value);
}
