using System.Globalization;

namespace Legion.Notebook;

/// <summary>Durations as people write them: the largest unit that leaves a number before the point.</summary>
static class ShortTime
{
    public static string Of(TimeSpan time) => OfNs(time.Ticks * 100.0);

    /// <summary>The unit in which an axis around a duration is read, and its nanoseconds.</summary>
    public static (double Ns, string Unit) UnitOf(double ns) => ns switch
    {
        < 1e3 => (1, "ns"),
        < 1e6 => (1e3, "µs"),
        < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    };

    /// <param name="ns">Nanoseconds.</param>
    public static string OfNs(double ns) => Math.Abs(ns) switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{ns:G4} ns"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e3:G4} µs"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e6:G4} ms"),
        < 120e9 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e9:G4} s"),
        < 7200e9 => string.Create(CultureInfo.InvariantCulture, $"{ns / 60e9:G4} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns / 3600e9:G4} h"),
    };
}
