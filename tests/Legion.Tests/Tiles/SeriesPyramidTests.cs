using System.Globalization;
using System.Text;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

/// <summary>What the pyramid over metrics and logs says of a time is what its samples say, at every level, however they came.</summary>
public sealed class SeriesPyramidTests
{
    const long HourNs = 3_600_000_000_000;
    const int Hours = 30;

    static readonly string[] levels = ["debug", "info", "warn"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Thirty hours, so that the tree has three heights; some blocks come late, one is damaged.</summary>
    static EventScript Scene(Random random)
    {
        var text = new StringBuilder();
        for (var hour = 0; hour < Hours; hour++)
        {
            var at = hour * HourNs;
            for (var i = random.Next(1, 30); i > 0; i--)
            {
                at += random.NextInt64(random.Next(4) switch { 0 => 2, 1 => 5_000, 2 => 1_000_000_000, _ => HourNs / 40 });
                text.AppendLine(random.Next(4) switch
                {
                    0 => $"count {at} main requests {{request}} {random.Next(1, 5)}",
                    1 => $"log {at} {levels[random.Next(3)]} main \"message {i} {new string('x', random.Next(2) * 250)}\"",
                    _ => string.Create(CultureInfo.InvariantCulture, $"metric {at} main {(random.Next(2) == 0 ? "cpu" : "heap")} % {random.Next(100)}"),
                });
            }
            foreach (var stream in (string[])["metric", "log"])
                text.AppendLine($"{stream} cut{(random.Next(8) switch { 0 => " late", 1 when hour == Hours / 2 => " damaged", _ => "" })}");
        }
        return EventScript.Parse(text.ToString());
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task EveryLevelIsWhatItsSamplesAre(int seed)
    {
        var random = new Random(seed);
        using var lake = new TestLake();
        var script = Scene(random);
        var pyramid = new SeriesPyramid(lake.Lake);
        var (fromNs, toNs) = (TimeText.ParseNs("2026-01-01T00:00:00Z", 0), TimeText.ParseNs("2026-01-01T00:00:00Z", 0) + Hours * HourNs);
        // Asked before what is late comes, it is extended by it.
        await script.DeliverAsync(lake, async () => await pyramid.ReadMeasuresAsync(script.ProcessId, fromNs, toNs, 100, Cancellation));

        var wholes = 0;
        for (var i = 0; i < 12; i++)
        {
            var (a, b) = (fromNs - HourNs + random.NextInt64((Hours + 2) * HourNs), fromNs - HourNs + random.NextInt64((Hours + 2) * HourNs));
            (a, b) = i == 0 ? (fromNs, toNs) : (Math.Min(a, b), Math.Max(a, b) + 1);
            var pixels = random.Next(20, 4000);
            var step = TileGrid.StepNs(TileGrid.SharpLevel(b - a, pixels, TileGrid.MaxLevel));
            var time = $"time_ns // {step} BETWEEN {a / step} AND {(b - 1) / step}";
            if (await pyramid.ReadMeasuresAsync(script.ProcessId, a, b, pixels, Cancellation) is (var measureStep, var items))
            {
                wholes++;
                Assert.Equal(step, measureStep);
                var expected = await lake.CsvAsync($"""
                    SELECT name || ' ' || arg_max(unit, time_ns) || ' ' || arg_max(kind, time_ns) || ' ' || min(time_ns) || ' ' || max(time_ns) || ' ' || count(*) || ' ' || sum(value)::BIGINT || ' ' || min(value)::BIGINT || ' ' || max(value)::BIGINT AS item
                    FROM measures WHERE process_id = '{script.ProcessId}' AND {time} GROUP BY name, time_ns // {step} ORDER BY item
                    """);
                Assert.Equal(Lines(expected), items.Select(item => $"{item.Name} {item.Unit} {item.Kind} {item.FirstNs} {item.LastNs} {item.Count} {item.Sum:F0} {item.Least:F0} {item.Greatest:F0}").Order(StringComparer.Ordinal));
            }
            if (await pyramid.ReadLogsAsync(script.ProcessId, a, b, pixels, Cancellation) is (var logStep, var entries))
            {
                Assert.Equal(step, logStep);
                var expected = await lake.CsvAsync($"""
                    SELECT level || ' ' || min(time_ns) || ' ' || max(time_ns) || ' ' || count(*) AS item
                    FROM log_entries WHERE process_id = '{script.ProcessId}' AND {time} GROUP BY level, time_ns // {step} ORDER BY item
                    """);
                Assert.Equal(Lines(expected), entries.Select(item => $"{item.Level} {item.FirstNs} {item.LastNs} {item.Count}").Order(StringComparer.Ordinal));
                var messages = Lines(await lake.CsvAsync($"SELECT DISTINCT time_ns || ' ' || left(message, 200) AS item FROM log_entries WHERE process_id = '{script.ProcessId}'")).ToHashSet();
                Assert.All(entries, item => Assert.Contains($"{item.FirstNs} {item.Message}", messages));
            }
        }
        Assert.True(wholes > 0);
    }

    [Fact]
    public async Task FirstAndLastValuesAreThoseOfTheirTimes()
    {
        using var lake = new TestLake();
        var script = Scene(new Random(1));
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var fromNs = TimeText.ParseNs("2026-01-01T00:00:00Z", 0);
        var (step, items) = (await new SeriesPyramid(lake.Lake).ReadMeasuresAsync(script.ProcessId, fromNs, fromNs + Hours * HourNs, 50, Cancellation))!;
        var samples = Lines(await lake.CsvAsync($"SELECT name || ' ' || time_ns || ' ' || value::BIGINT AS item FROM measures WHERE process_id = '{script.ProcessId}'")).ToHashSet();
        Assert.All(items, item => Assert.Contains($"{item.Name} {item.FirstNs} {item.First:F0}", samples));
        Assert.All(items, item => Assert.Contains($"{item.Name} {item.LastNs} {item.Last:F0}", samples));
        Assert.Contains(items, item => item.Count > 1);
    }

    [Fact]
    public async Task AShortTimeIsReadFromItsSamples()
    {
        using var lake = new TestLake();
        var script = Scene(new Random(2));
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var fromNs = TimeText.ParseNs("2026-01-01T00:00:00Z", 0);
        Assert.Null(await new SeriesPyramid(lake.Lake).ReadMeasuresAsync(script.ProcessId, fromNs, fromNs + 2 * HourNs, 50, Cancellation));
        Assert.Empty(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation));
    }

    static string[] Lines(string csv) => [.. csv.TrimEnd('\n').Split('\n').Skip(1).Select(line => line.Trim('"')).Order(StringComparer.Ordinal)];
}
