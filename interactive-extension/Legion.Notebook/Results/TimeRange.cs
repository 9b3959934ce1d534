using Legion.Lakehouse;

namespace Legion.Notebook;

/// <summary>A selected time, nanoseconds UTC; both ends belong to it.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plain])]
public readonly record struct TimeRange(long BeginNs, long EndNs) : IDisplayForms
{
    public DateTime Begin => UtcTime.Of(BeginNs);

    public DateTime End => UtcTime.Of(EndNs);

    public TimeSpan Duration => End - Begin;

    /// <summary>The same with as much more on either side.</summary>
    public TimeRange Widened(TimeSpan margin) => new(BeginNs - margin.Ticks * 100, EndNs + margin.Ticks * 100);

    public override string ToString() => $"{TimeText.Format(BeginNs)} to {TimeText.Format(EndNs)}";

    string? IDisplayForms.Form(string mimeType) => mimeType == MimeType.Plain ? ToString() : null;
}

/// <summary>Times of the lake as .NET has them, to 100 ns.</summary>
static class UtcTime
{
    public static DateTime Of(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100);

    /// <summary>A time that does not say its zone is UTC, as all times here.</summary>
    public static long Ns(DateTime time) => ((time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time) - DateTime.UnixEpoch).Ticks * 100;

    public static long NowNs => Ns(DateTime.UtcNow);
}
