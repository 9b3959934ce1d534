using System.Globalization;
using System.Text.Json;

namespace Legion.Benchmarks;

/// <summary>How large the large cases are.</summary>
sealed record BenchmarkSize
{
    public long Spans { get; init; } = 5_000_000;

    /// <summary>Where the lakehouse's large lake lies, which stays there and is gone on with; null for one that is made and thrown away.</summary>
    public string? Folder { get; init; }
}

/// <summary>Which way a target lies.</summary>
enum Aim
{
    None,
    AtMost,
    AtLeast,
}

/// <summary>One figure: the median of its runs, against a target where it has one.</summary>
sealed record BenchmarkRow(string Bench, string Name, double Value, string Unit, Aim Aim, double Target, int Runs, double Min, double Max)
{
    /// <summary>Null where there is no target.</summary>
    public bool? Ok => Aim switch
    {
        Aim.AtMost => Value <= Target,
        Aim.AtLeast => Value >= Target,
        _ => null,
    };

    public static BenchmarkRow Of(string bench, string name, string unit, IReadOnlyCollection<double> runs, Aim aim = Aim.None, double target = 0)
    {
        var sorted = runs.Order().ToArray();
        return new BenchmarkRow(bench, name, sorted[sorted.Length / 2], unit, aim, target, sorted.Length, sorted[0], sorted[^1]);
    }

    public string ToJson() => JsonSerializer.Serialize(new
    {
        bench = Bench,
        name = Name,
        value = Rounded(Value),
        unit = Unit,
        target = Aim == Aim.None ? (double?)null : Target,
        ok = Ok,
        runs = Runs,
        min = Rounded(Min),
        max = Rounded(Max),
    });

    public string ToText()
    {
        var verdict = Ok switch { true => "ok", false => "MISSED", null => "" };
        var target = Aim switch { Aim.AtMost => $"<= {Target}", Aim.AtLeast => $">= {Target}", _ => "" };
        return string.Create(CultureInfo.InvariantCulture, $"{Bench,-10} {Name,-28} {Rounded(Value),12} {Unit,-8} {target,-10} {verdict,-7} [{Rounded(Min)} .. {Rounded(Max)}] of {Runs}");
    }

    /// <summary>Three significant decimals are more than any of these measurements holds.</summary>
    static double Rounded(double value) => Math.Round(value, 3);
}
