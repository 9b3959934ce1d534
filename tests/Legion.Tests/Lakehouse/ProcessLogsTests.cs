using Legion.Lakehouse.Logs;
using Legion.Lakehouse.Sql;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Any place of the list of a process's log entries, against all entries in order.</summary>
public sealed class ProcessLogsTests
{
    const long BeginNs = 1767225600_000_000_000;
    const long MinuteNs = 60_000_000_000;

    static readonly string[] levels = ["trace", "debug", "info", "info", "warn", "error", "fatal"];
    static readonly string[] words = ["opened", "closed", "Lost packet", "load"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Two streams over some hours, so that slots overlap, with many entries of the same time and with blocks that come late.</summary>
    static string Script(int seed, bool damaged)
    {
        var random = new Random(seed);
        var lines = new List<string>();
        foreach (var (stream, count) in ((string, int)[])[("log", 600), ("log.other", 150)])
        {
            var now = 0L;
            for (var i = 0; i < count; i++)
            {
                now += random.Next(3) == 0 ? random.Next(2) * random.NextInt64(5 * MinuteNs) : 0;
                lines.Add($"{stream} {now} {levels[random.Next(levels.Length)]} {(random.Next(2) == 0 ? "main" : "worker")} \"{words[random.Next(words.Length)]} {random.Next(5)}\"");
                if (random.Next(20) == 0) lines.Add($"{stream} cut{(random.Next(15) == 0 ? " late" : damaged && random.Next(6) == 0 ? " damaged" : "")}");
            }
        }
        return string.Join('\n', lines);
    }

    static LogFilter[] Filters =>
    [
        LogFilter.None, LogFilter.Of("", "warn"), LogFilter.Of("LOST packet"), LogFilter.Of("-lost load 3", "info"), LogFilter.Of("-\"packet 2\" -closed", "debug"),
        LogFilter.Of("", pattern: "Lost packet <*>"), LogFilter.Of("nothing"), LogFilter.Of("", "info", "opened <*>"),
    ];

    static bool Shows(LogFilter filter, LogEntry entry) =>
        LogFilter.Levels.ToList().IndexOf(entry.Level) >= LogFilter.Levels.ToList().IndexOf(filter.LeastLevel)
        && filter.With.All(text => entry.Message.Contains(text, StringComparison.OrdinalIgnoreCase))
        && !filter.Without.Any(text => entry.Message.Contains(text, StringComparison.OrdinalIgnoreCase))
        && (filter.Pattern is null || filter.Pattern == entry.Message[..entry.Message.LastIndexOf(' ')] + " <*>");

    static async Task<IReadOnlyList<LogEntry>> AllAsync(TestLake lake, Guid process)
    {
        using var result = await lake.Lake.QueryAsync("SELECT time_ns, level, thread, target, message FROM log_entries WHERE process_id = $process ORDER BY time_ns, severity, thread, target, message",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } }, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var all = new List<LogEntry>();
        while (rows.Read()) all.Add(new(rows.Int64(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4)));
        return all;
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task EveryPlaceHasItsEntry(int seed, bool damaged)
    {
        var script = EventScript.Parse(Script(seed, damaged));
        using var lake = new TestLake();
        var random = new Random(seed);
        var isFirst = true;
        await script.DeliverAsync(lake, beforeLate: async () =>
        {
            // What is there before the first late block; each of the others changes little.
            if (isFirst) await CompareAsync(lake, script.ProcessId, random, places: 1);
            isFirst = false;
        });
        Assert.True((await lake.Lake.SnapshotAsync(script.ProcessId, Cancellation)).Slots.Count > 2);
        await CompareAsync(lake, script.ProcessId, random, places: 4);
    }

    static async Task CompareAsync(TestLake lake, Guid process, Random random, int places)
    {
        // What was counted before more came is not what counts now.
        var logs = new ProcessLogs(lake.Lake);
        var first = await logs.ReadAsync(process, LogFilter.None, default, 0, 3, Cancellation);
        var all = await AllAsync(lake, process);
        Assert.Equal(all.Take(3), first.Entries);
        foreach (var filter in Filters)
            foreach (var range in (QueryRange[])[default, new(BeginNs + 30 * MinuteNs, BeginNs + 200 * MinuteNs)])
            {
                LogEntry[] expected = [.. all.Where(entry => Shows(filter, entry) && entry.TimeNs >= (range.FromNs ?? 0) && entry.TimeNs < (range.ToNs ?? long.MaxValue))];
                LogEntries whole;
                do
                {
                    whole = await logs.ReadAsync(process, filter, range, 0, 1000, Cancellation);
                    // What is known by then is the begin of what there is.
                    Assert.Equal(expected.Take((int)whole.Total), whole.Entries);
                }
                while (whole.Read < whole.Lines);
                Assert.Equal(expected.Length, whole.Total);
                for (var i = 0; i < places; i++)
                {
                    var (place, limit) = (random.Next(expected.Length + 5), random.Next(1, 60));
                    var page = await logs.ReadAsync(process, filter, range, place, limit, Cancellation);
                    Assert.Equal(expected.Skip(place).Take(limit), page.Entries);
                    var atNs = BeginNs + random.NextInt64(400 * MinuteNs);
                    if (expected.Length > 0 && random.Next(2) == 0) atNs = expected[random.Next(expected.Length)].TimeNs;
                    Assert.Equal(expected.Count(entry => entry.TimeNs < atNs), await logs.FindAsync(process, filter, range, atNs, Cancellation));
                }
                var counts = await CountAsync(logs, process, filter, range);
                LogEntry[] ofLevels = [.. all.Where(entry => Shows(filter.OfAllLevels(), entry) && entry.TimeNs >= (range.FromNs ?? 0) && entry.TimeNs < (range.ToNs ?? long.MaxValue))];
                Assert.Equal(ofLevels.CountBy(entry => entry.Level).OrderBy(level => LogFilter.Levels.ToList().IndexOf(level.Key)).Select(level => (level.Key, (long)level.Value)), counts.Levels.Select(level => (level.Level, level.Count)));
                Assert.Equal(ofLevels.Length, counts.Bars().Steps.Sum(step => step.Count.Count));
                Assert.InRange(counts.Bars().Steps.Select(step => step.Step).Distinct().Count(), 0, LogCounts.MostBars);
            }
    }

    static async Task<LogCounts> CountAsync(ProcessLogs logs, Guid process, LogFilter filter, QueryRange range)
    {
        var counts = await logs.CountAsync(process, filter, range, null, Cancellation);
        while (counts.Read < counts.Lines)
        {
            var more = await logs.CountAsync(process, filter, range, TimeSpan.Zero, Cancellation);
            Assert.InRange(more.Read, counts.Read, more.Lines);
            counts = more;
        }
        return counts;
    }

    [Fact]
    public async Task APlaceNeedsNoPartition()
    {
        var script = EventScript.Parse(string.Join('\n', Enumerable.Range(0, 40).Select(i => $"log {i * 10 * MinuteNs} info main \"line {i}\"\nlog cut")));
        using var lake = new TestLake();
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var page = await new ProcessLogs(lake.Lake).ReadAsync(script.ProcessId, LogFilter.None, default, 30, 2, Cancellation);
        Assert.Equal(["line 30", "line 31"], page.Entries.Select(entry => entry.Message));
        Assert.Equal(40, page.Total);
        Assert.Equal(7, (await lake.Lake.SnapshotAsync(script.ProcessId, Cancellation)).Slots.Count);
        Assert.Empty(await lake.Store.Catalog.ReadPartitionsAsync(Legion.Store.Tenant.Default, "log_entries", [script.ProcessId], Cancellation));
    }

    [Fact]
    public async Task LinesAreCountedOnlyWhereSomebodyWaitsForIt()
    {
        var script = EventScript.Parse(string.Join('\n', Enumerable.Range(0, 40).Select(i => $"log {i * 10 * MinuteNs} {(i % 4 == 0 ? "warn" : "info")} main \"line {i}\"\nlog cut")));
        using var lake = new TestLake();
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var logs = new ProcessLogs(lake.Lake);
        var warnings = LogFilter.Of("", "warn");
        var known = await logs.CountAsync(script.ProcessId, warnings, default, null, Cancellation);
        Assert.Equal((0, 40, 0), (known.Read, known.Lines, known.Total));
        Assert.Empty(known.Steps);
        known = await logs.CountAsync(script.ProcessId, warnings, default, TimeSpan.Zero, Cancellation);
        Assert.Equal((1, 40, 1), (known.Read, known.Lines, known.Total));
        Assert.InRange(known.Bars().StepsOfTime, 1, LogCounts.MostBars);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => logs.CountAsync(script.ProcessId, warnings, default, TimeSpan.FromMinutes(1), gone.Token));
        Assert.Equal(1, (await logs.CountAsync(script.ProcessId, warnings, default, null, Cancellation)).Read);
        var search = LogFilter.Of("line -3", "warn");
        Assert.Equal((0, 40), Told(await logs.CountAsync(script.ProcessId, search, default, null, Cancellation)));
        Assert.Equal((6, 40), Told(await logs.CountAsync(script.ProcessId, search, default, TimeSpan.Zero, Cancellation)));
        // Six lines an hour, and seven slots of an hour: what was asked reads one, and the next one where that begins with the time's end.
        Assert.InRange((await lake.Store.Catalog.ReadPartitionsAsync(Legion.Store.Tenant.Default, "log_entries", [script.ProcessId], Cancellation)).Count, 1, 2);

        static (long Read, long Lines) Told(LogCounts counts) => (counts.Read, counts.Lines);
    }

    [Fact]
    public async Task WhatIsLoggedMeanwhileIsCountedWithoutTheRest()
    {
        var script = EventScript.Parse(string.Join('\n', Enumerable.Range(0, 30).Select(i => $"log {i * MinuteNs} {levels[i % levels.Length]} main \"line {i}\"\nlog cut{(i > 20 ? " late" : "")}")));
        using var lake = new TestLake();
        var logs = new ProcessLogs(lake.Lake);
        // Nine come late, one after the other, the last one first.
        var there = 21;
        await script.DeliverAsync(lake, beforeLate: async () =>
        {
            Assert.Equal(there == 21 ? 0 : there - 1, (await logs.CountAsync(script.ProcessId, LogFilter.None, default, null, Cancellation)).Read);
            Assert.Equal(there++, (await CountAsync(logs, script.ProcessId, LogFilter.None, default)).Levels.Sum(level => level.Count));
        });
        var known = await logs.CountAsync(script.ProcessId, LogFilter.None, default, null, Cancellation);
        Assert.Equal((29, 30), (known.Read, known.Lines));
        Assert.Equal(30, (await CountAsync(logs, script.ProcessId, LogFilter.None, default)).Levels.Sum(level => level.Count));
        Assert.Equal("line 29", (await logs.ReadAsync(script.ProcessId, LogFilter.None, default, 29, 5, Cancellation)).Entries.Single().Message);
    }

    [Fact]
    public async Task PatternsLeaveNumbersIdsAndQuotationsOut()
    {
        string[] messages =
        [
            "took 12.5 ms", "took -3 ms", "user 'ann' isn't 'bob'", "user 'x y' isn't 'z'", "at 0x1F of 0123abcd9", "at 0xff of cafe0123", "request 01234567-89ab-cdef-0123-456789abcdef done",
            "plain", "dead beef feedback",
        ];
        var script = EventScript.Parse(string.Join('\n', messages.Select((message, i) => $"log {i} {(i == 1 ? "error" : "info")} main \"{message}\"")));
        using var lake = new TestLake();
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var logs = new ProcessLogs(lake.Lake);
        var found = await logs.FindPatternsAsync(script.ProcessId, LogFilter.None, default, 0, Cancellation);
        Assert.Equal(
            ["2 at <*> of <*>", "2 took <*> ms", "2 user <*> isn't <*>", "1 dead beef feedback", "1 plain", "1 request <*> done"],
            found.Patterns.Select(pattern => $"{pattern.Count} {pattern.Text}"));
        Assert.Equal((9L, 9L, "error", "took -3 ms"), (found.Read, found.Total, found.Patterns[1].Level, found.Patterns[1].Example));
        Assert.Equal(messages[4..6], (await logs.ReadAsync(script.ProcessId, LogFilter.Of("", pattern: "at <*> of <*>"), default, 0, 10, Cancellation)).Entries.Select(entry => entry.Message));
    }

    [Theory]
    [InlineData("a b", "a,b", "")]
    [InlineData("-a \"b c\" d", "b c,d", "a")]
    [InlineData("-\"a b\" -", "-", "a b")]
    [InlineData("a-b -\"open end", "a-b", "open end")]
    [InlineData(" \"\" -\"\" ", "", "")]
    public void ASearchIsRead(string search, string with, string without)
    {
        var filter = LogFilter.Of(search);
        Assert.Equal((with, without), (string.Join(',', filter.With), string.Join(',', filter.Without)));
    }
}
