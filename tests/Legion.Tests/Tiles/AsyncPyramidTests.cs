using System.Globalization;
using System.Text;
using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

/// <summary>What the pyramid over async spans says of a time is what they are, at every level, however their begins and ends came.</summary>
public sealed class AsyncPyramidTests
{
    const long HourNs = 3_600_000_000_000;
    const int Hours = 30;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Thirty hours in a slot each, with spans from nanoseconds to a day long, on two threads; some never end, some blocks come late, one is damaged.</summary>
    static EventScript Scene(Random random)
    {
        var moments = new List<(long At, string Line)>();
        for (var id = 1; id < 400; id++)
        {
            var begin = random.NextInt64(Hours * HourNs);
            var end = begin + random.NextInt64(random.Next(4) switch { 0 => 2, 1 => 10_000_000, 2 => HourNs / 10, _ => 24 * HourNs });
            string Thread() => random.Next(2) == 0 ? "main" : "worker";
            moments.Add((begin, $"{Thread()} async {begin} {id} request{id % 5}{(id > 1 && random.Next(3) == 0 ? $" in={random.Next(1, id)}" : "")}"));
            if (end < Hours * HourNs && random.Next(10) > 0) moments.Add((end, $"{Thread()} await {end} {id}"));
        }
        for (var hour = 1; hour <= Hours; hour++)
            foreach (var thread in (string[])["main", "worker"])
                moments.Add((hour * HourNs, $"{thread} cut{(random.Next(8) switch { 0 => " late", 1 when hour == Hours / 2 => " damaged", _ => "" })}"));
        var text = new StringBuilder();
        foreach (var (_, line) in moments.OrderBy(moment => moment.At).ThenBy(moment => moment.Line.Contains(" await ", StringComparison.Ordinal))) text.AppendLine(line);
        return EventScript.Parse(text.ToString());
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task EveryLevelIsWhatItsSpansAre(int seed)
    {
        var random = new Random(seed);
        using var lake = new TestLake();
        var script = Scene(random);
        var pyramid = new AsyncPyramid(lake.Lake);
        var fromNs = TimeText.ParseNs("2026-01-01T00:00:00Z", 0);
        // Asked before what is late comes, it is extended by it.
        await script.DeliverAsync(lake, async () => await pyramid.ReadAsync(script.ProcessId, fromNs, fromNs + Hours * HourNs, 100, Cancellation));
        var spans = (await lake.CsvAsync($"SELECT begin_ns, coalesce(end_ns, -1), span_id, coalesce(parent_id, 0), name FROM async_spans WHERE process_id = '{script.ProcessId}'"))
            .TrimEnd('\n').Split('\n').Skip(1).Select(line => line.Split(',')).Select(row => (
                BeginNs: Number(row[0]), EndNs: Number(row[1]), Id: ulong.Parse(row[2], CultureInfo.InvariantCulture), Parent: ulong.Parse(row[3], CultureInfo.InvariantCulture), Name: row[4])).ToArray();
        Assert.Contains(spans, span => span.EndNs < 0);

        var read = 0;
        for (var i = 0; i < 20; i++)
        {
            var (a, b) = (fromNs + random.NextInt64(Hours * HourNs), fromNs + random.NextInt64(Hours * HourNs));
            (a, b) = i == 0 ? (fromNs, fromNs + Hours * HourNs) : (Math.Min(a, b), Math.Max(a, b) + 1);
            if (await pyramid.ReadAsync(script.ProcessId, a, b, random.Next(5, 4000), Cancellation) is not (var step, var items)) continue;
            read++;
            var expected = spans.Where(span => span.BeginNs < b && (span.EndNs < 0 || span.EndNs >= a && span.EndNs - span.BeginNs >= step))
                .Select(span => (span.BeginNs, span.EndNs, span.Id, span.Parent, span.Name));
            Assert.Equal(expected.Order(), items.Where(item => item.LongestNs >= step).Select(item => (item.BeginNs, EndNs: item.IsOpen ? -1 : item.EndNs, item.Id, item.Parent, item.Name)).Order());
            Assert.All(items.Where(item => item.LongestNs >= step), item => Assert.Equal(1, item.Count));

            var steps = spans.Where(span => span.EndNs >= 0 && span.EndNs - span.BeginNs < step).GroupBy(span => span.BeginNs / step).Where(group => IsWithin(group.Key)).OrderBy(group => group.Key)
                .Select(group => (group.Key, Begin: group.Min(span => span.BeginNs), End: group.Max(span => span.EndNs), Count: (long)group.Count(), Longest: group.Max(span => span.EndNs - span.BeginNs),
                    group.OrderByDescending(span => span.EndNs - span.BeginNs).ThenBy(span => span.Id).First().Name));
            Assert.Equal(steps, items.Where(item => item.LongestNs < step && IsWithin(item.BeginNs / step)).OrderBy(item => item.BeginNs)
                .Select(item => (item.BeginNs / step, item.BeginNs, item.EndNs, item.Count, item.LongestNs, item.Name)));

            bool IsWithin(long number) => number * step >= a && (number + 1) * step <= b;
        }
        Assert.True(read > 3, $"{read} times were long enough");
    }

    static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
