using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>What the cell of a metric explorer is drawn from where it cannot ask, as large as it may be.</summary>
/// <param name="Series">That there are, as many as fit: those of <see cref="Window"/> first.</param>
/// <param name="Window">The values of as many as fit.</param>
sealed record MetricCell(IReadOnlyList<TimelineSeries> Series, SeriesWindow Window)
{
    /// <summary>Of a cell in a notebook's file or a report's, what lists the series: enough to look through.</summary>
    const int MostListBytes = 64 << 10;

    /// <param name="all">Series in their order.</param>
    /// <param name="window">Values of some of them.</param>
    /// <param name="mostBytes">Of JSON, for the values.</param>
    public static MetricCell Of(IReadOnlyList<TimelineSeries> all, SeriesWindow window, int mostBytes)
    {
        var measured = all.Select(series => window.Series.FirstOrDefault(one => one.Name == series.Name)).OfType<SeriesBuckets>();
        var values = window with { Series = Within(measured, mostBytes, one => (window with { Series = [one] }).WriteTo) };
        var names = values.Series.Select(one => one.Name).ToHashSet();
        return new(Within(all.OrderBy(series => names.Contains(series.Name) ? 0 : 1), MostListBytes, one => json => TimelineSeries.WriteTo(json, [one])), values);
    }

    /// <summary>The JSON of the whole form: <c>{"module": "metrics", "model": {...}, "note": "..."}</c>.</summary>
    /// <param name="source">embedded, or comm for a cell that asks.</param>
    /// <param name="names">Those that are drawn at first.</param>
    /// <param name="range">The view, whose values the window has.</param>
    /// <param name="bounds">What there is at most to see.</param>
    public string ToJson(string source, Guid process, IReadOnlyList<string> names, TimeRange range, TimeRange bounds, Uri? link, string note)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("module", "metrics");
            json.WriteStartObject("model");
            json.WriteString("process", process.ToString());
            WriteRange("bounds", bounds);
            WriteRange("view", range);
            json.WriteStartObject("source");
            json.WriteString("kind", source);
            json.WriteEndObject();
            json.WriteStartObject("timeline");
            json.WriteStartArray("counters");
            foreach (var name in names)
                json.WriteStringValue(name);
            json.WriteEndArray();
            WriteTimes(range);
            json.WritePropertyName("series");
            TimelineSeries.WriteTo(json, Series);
            json.WriteStartObject("window");
            json.WritePropertyName("counters");
            Window.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
            if (link is not null)
                json.WriteString("link", link.AbsoluteUri);
            json.WriteEndObject();
            json.WriteString("note", note);
            json.WriteEndObject();

            void WriteRange(string name, TimeRange of)
            {
                json.WriteStartObject(name);
                WriteTimes(of);
                json.WriteEndObject();
            }

            void WriteTimes(TimeRange of)
            {
                json.WriteString("begin_ns", of.BeginNs.ToString(CultureInfo.InvariantCulture));
                json.WriteString("end_ns", of.EndNs.ToString(CultureInfo.InvariantCulture));
            }
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The first that fit together.</summary>
    static List<T> Within<T>(IEnumerable<T> all, int mostBytes, Func<T, Action<Utf8JsonWriter>> write)
    {
        var bytes = 0L;
        var within = new List<T>();
        foreach (var one in all)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
                write(one)(json);
            bytes += buffer.WrittenCount;
            if (bytes > mostBytes)
                break;
            within.Add(one);
        }
        return within;
    }
}
