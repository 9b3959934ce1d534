using System.Diagnostics;
using System.Globalization;
using Apache.Arrow;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;
using Legion.Tests.Support;
using Legion.Tests.Format;

namespace Legion.Tests.Lakehouse;

/// <summary>SQL in processes of its own: they answer as an engine of this process does, and can do nothing else.</summary>
public sealed class SqlWorkerTests : IAsyncLifetime
{
    static readonly SqlLimits limits = new() { Timeout = TimeSpan.FromSeconds(3), MemoryBytes = 384 << 20, MostAtOnce = 2 };

    /// <summary>What is not stopped takes longer, whatever else the machine does.</summary>
    static readonly TimeSpan Bound = limits.Timeout + TimeSpan.FromSeconds(10);

    const string Canary = "canary-5d1f0c9b";

    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner
        main end 5000
        main end 20000
        log 1000 info main "hello"
        event Frame 100 number=1 gpu=2.5
        """);

    readonly TestLake lake = new();
    readonly string folder = Directory.CreateTempSubdirectory("legion-secret-").FullName;
    SqlWorkers workers = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string CanaryFile => Path.Combine(folder, "canary.csv");

    public async ValueTask InitializeAsync()
    {
        workers = new SqlWorkers(TestWorkers.Program, lake.Store, limits);
        await File.WriteAllTextAsync(CanaryFile, $"a,b\n{Canary},1\n", Cancellation);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        await lake.CsvAsync($"SELECT count(*) FROM spans, log_entries WHERE spans.process_id = '{script.ProcessId}'");
    }

    public ValueTask DisposeAsync()
    {
        workers.Dispose();
        lake.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("SELECT name, duration_ns FROM spans WHERE process_id = '{0}' ORDER BY begin_ns", "outer 19000|inner 3000")]
    [InlineData("SELECT number, gpu FROM events.Frame", "1 2.5")]
    [InlineData("SELECT message FROM log_entries WHERE false", "")]
    [InlineData("SELECT count(*) AS n FROM blocks WHERE process_id = $p AND $truth AND length($text) = 2 AND $number > 1.5", "3")]
    [InlineData("SELECT name FROM spans WHERE process_id IN (SELECT process_id FROM processes WHERE start_ns > 0) AND name = 'inner'", "inner")]
    [InlineData("SELECT sum(range)::BIGINT AS s FROM range(3000000)", "4499998500000")]
    public async Task AWorkerAnswers(string sql, string expected)
    {
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["p"] = script.ProcessId, ["truth"] = true, ["text"] = "äö", ["number"] = 2.5 } };
        using var result = await lake.Lake.QueryAsync(string.Format(CultureInfo.InvariantCulture, sql, script.ProcessId), workers, options, Cancellation);
        Assert.Equal(expected, await RowsAsync(result));
        Assert.Equal(expected.Length == 0 ? 0 : expected.Split('|').Length, result.Receipt.Rows);
    }

    [Fact]
    public async Task ItStopsAfterSoManyRows()
    {
        using var result = await lake.Lake.QueryAsync("SELECT range AS n FROM range(100000000000)", workers, null, Cancellation);
        var bytes = new MemoryStream();
        await foreach (var piece in result.ReadBytesAsync(5000, Cancellation)) bytes.Write(piece.Span);
        bytes.Position = 0;
        using var reader = new Apache.Arrow.Ipc.ArrowStreamReader(bytes);
        var rows = new List<long>();
        while (await reader.ReadNextRecordBatchAsync(Cancellation) is { } batch)
            using (batch) rows.AddRange(((Int64Array)batch.Column(0)).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => (long)i), rows);
    }

    [Fact]
    public async Task AnErrorHasItsPlace()
    {
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.Lake.QueryAsync("SELECT nme FROM processes", workers, null, Cancellation).ContinueWith(async answer =>
        {
            using var result = await answer;
            await RowsAsync(result);
        }, TaskScheduler.Default).Unwrap());
        Assert.Equal(7, error.Position);
        Assert.Contains("nme", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Beside what the engine refuses: it is asked here without the settings that confine it.</summary>
    [Fact]
    public async Task TheSystemRefusesWhatTheEngineWouldDo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Landlock is of Linux");
        var partition = await PartitionAsync();
        var before = await File.ReadAllBytesAsync(partition, Cancellation);
        using var engine = await workers.TakeAsync("a", Cancellation);
        Assert.SkipUnless(workers.Confinement is { Length: > 0 }, "this system has no Landlock");

        Assert.Equal(["2"], engine.ReadTexts($"SELECT count(*) FROM read_parquet('{partition}')", [], Cancellation));
        string[] refused =
        [
            $"SELECT * FROM read_text('{CanaryFile}')", $"SELECT * FROM read_blob('{Path.Combine(lake.Folder, StoreNames.CatalogFile)}')", $"SELECT content FROM read_text('/proc/{Environment.ProcessId}/environ')",
            "SELECT * FROM read_text('/etc/passwd')", $"COPY (SELECT 1) TO '{CanaryFile}'", $"COPY (SELECT 1) TO '{partition}' (FORMAT parquet)", $"COPY (SELECT 1) TO '{folder}/new.csv'",
            $"ATTACH '{folder}/new.db'", $"COPY (SELECT 1) TO '{Path.GetTempPath()}legion-escaped.csv'", $"EXPORT DATABASE '{lake.Folder}/views/x'",
        ];
        foreach (var sql in refused)
        {
            var error = Record.Exception(() => engine.ReadTexts(sql, [], Cancellation));
            Assert.True(error is EngineException, $"{sql}: {error}");
            Assert.True(error.Message.Contains("Permission denied", StringComparison.Ordinal) || error.Message.Contains("Cannot open file", StringComparison.Ordinal) || error.Message.Contains("No files found", StringComparison.Ordinal)
                || error.Message.Contains("Could not create", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("Failed to create", StringComparison.OrdinalIgnoreCase), $"{sql}: {error.Message}");
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(partition, Cancellation));
        Assert.Equal([CanaryFile], Directory.GetFiles(folder));
    }

    /// <summary>None escapes, each is stopped in time and in its memory, and meanwhile another's queries are answered.</summary>
    [Fact]
    public async Task HostileStatementsComeToNothing()
    {
        var partition = await PartitionAsync();
        var filesBefore = Contents();
        var statements = (await File.ReadAllLinesAsync(Path.Combine(RepositoryTree.Root, "tests", "data", "sql", "hostile.sql"), Cancellation)).Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal))
            .Select(line => line.Replace("{canary}", CanaryFile).Replace("{folder}", folder).Replace("{partition}", partition).Replace("{catalog}", Path.Combine(lake.Folder, StoreNames.CatalogFile)).Replace("{process}", script.ProcessId.ToString())).ToArray();
        Assert.True(statements.Length >= 200, $"{statements.Length} statements");
        var outcomes = new Dictionary<string, int>();
        var wrong = new List<string>();
        var longest = TimeSpan.Zero;
        var honest = new List<Task<string>>();
        for (var i = 0; i < statements.Length; i++)
        {
            if (i % 10 == 0) honest.Add(AskHonestlyAsync());
            var sql = statements[i];
            var begun = Stopwatch.GetTimestamp();
            string outcome;
            try
            {
                using var result = await lake.Lake.QueryAsync(sql, workers, new QueryOptions { Actor = "hostile" }, Cancellation);
                var bytes = new MemoryStream();
                await foreach (var piece in result.ReadBytesAsync(1000, Cancellation)) bytes.Write(piece.Span);
                outcome = "answered";
                TestContext.Current.TestOutputHelper?.WriteLine($"answered: {sql}");
                if (bytes.ToArray().AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Canary)) >= 0) wrong.Add($"read the file: {sql}");
            }
            catch (Exception cause) when (cause is QueryException or NotInLakeException)
            {
                outcome = cause.Message.Contains("longer than", StringComparison.Ordinal) ? "stopped for its time" : cause.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) ? "stopped for its memory" : "refused";
                if (cause.Message.Contains(Canary, StringComparison.Ordinal)) wrong.Add($"read the file: {sql}");
            }
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            var took = Stopwatch.GetElapsedTime(begun);
            if (took > longest) longest = took;
            if (took > Bound) wrong.Add($"{took.TotalSeconds:0.0} s: {sql}");
        }
        var answers = await Task.WhenAll(honest);
        TestContext.Current.TestOutputHelper?.WriteLine($"{statements.Length} statements: {string.Join(", ", outcomes.Select(pair => $"{pair.Value} {pair.Key}"))}; {answers.Length} queries of others answered meanwhile; {longest.TotalSeconds:0.0} s at most, of a timeout of {limits.Timeout.TotalSeconds:0} s");
        Assert.Empty(wrong);
        Assert.All(answers, answer => Assert.Equal("hello", answer));
        Assert.Equal(filesBefore, Contents());

        // What the lake keeps of questions is written meanwhile, so that its database is not among them.
        string[] Contents() => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(lake.Folder, "views"), "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}")];
    }

    [Theory]
    [InlineData("SELECT repeat('x', 4000000000)")]
    [InlineData("SELECT list(range) FROM range(10000000000)")]
    [InlineData("SELECT string_agg(repeat('x', 100000), '') FROM range(10000000)")]
    [InlineData("SELECT list_sort(list_transform(range(100000000), x -> hash(x)))")]
    [InlineData("SELECT histogram(range) FROM range(10000000000)")]
    public async Task AMemoryBombTakesNoMoreThanItMay(string sql)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the most memory that a process took is read from Linux's /proc");
        using var engine = await workers.TakeAsync("a", Cancellation);
        var asking = Task.Run(() => Assert.ThrowsAny<Exception>(() => engine.ReadTexts(sql, [], Cancellation)), Cancellation);
        var peak = 0L;
        while (!asking.IsCompleted)
        {
            peak = Math.Max(peak, PeakOf(engine.ProcessId));
            await Task.WhenAny(asking, Task.Delay(5, Cancellation));
        }
        var error = await asking;
        Assert.True(error is QueryException or EngineException, error.ToString());
        Assert.InRange(peak, 1, (long)(limits.MemoryBytes * 1.2));
    }

    [Fact]
    public async Task OneActorDoesNotTakeAllTurns()
    {
        using var patient = new SqlWorkers(TestWorkers.Program, lake.Store, limits with { MostWait = TimeSpan.FromMinutes(1) });
        var first = await patient.TakeAsync("greedy", Cancellation);
        var second = patient.TakeAsync("greedy", Cancellation);
        using (await patient.TakeAsync("other", Cancellation)) Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();

        using var hasty = new SqlWorkers(TestWorkers.Program, lake.Store, limits with { MostWait = TimeSpan.Zero });
        using (await hasty.TakeAsync("greedy", Cancellation))
            Assert.Contains("queries of yours are running", (await Assert.ThrowsAsync<SqlBusyException>(() => hasty.TakeAsync("greedy", Cancellation))).Message, StringComparison.Ordinal);
        (await hasty.TakeAsync("greedy", Cancellation)).Dispose();
    }

    [Fact]
    public async Task WhoCancelsIsLetGoAndTheWorkerEnds()
    {
        using var cancelling = new CancellationTokenSource();
        using var result = await lake.Lake.QueryAsync("SELECT range FROM range(1000000000000)", workers, null, cancelling.Token);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in result.ReadBytesAsync(null, cancelling.Token)) await cancelling.CancelAsync();
        }, Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task AWorkerEndsWithItsHost()
    {
        using var engine = await workers.TakeAsync("a", Cancellation);
        using var process = Process.GetProcessById(engine.ProcessId);
        engine.CloseInput();
        await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Throws<QueryException>(() => engine.Execute("SELECT 1"));
    }

    [Fact]
    public async Task SignalsThatAreMeantForItsHostDoNotEndIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by Linux's kill");
        using var engine = await workers.TakeAsync("a", Cancellation);
        foreach (var signal in (string[])["-TERM", "-INT", "-HUP"])
            using (var kill = Process.Start("kill", [signal, engine.ProcessId.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(Cancellation);
        Assert.Equal(["1"], engine.ReadTexts("SELECT 1", [], Cancellation));
    }

    [Fact]
    public async Task OneThatEndedWhileItWaitedIsNobodys()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the one that waits is found in Linux's /proc");
        (await workers.TakeAsync("a", Cancellation)).Dispose();
        Process? ready;
        while ((ready = Waiting()) is null) Cancellation.ThrowIfCancellationRequested();
        using (ready)
        {
            ready.Kill();
            await ready.WaitForExitAsync(Cancellation);
        }
        using var engine = await workers.TakeAsync("a", Cancellation);
        Assert.Equal(["1"], engine.ReadTexts("SELECT 1", [], Cancellation));

        Process? Waiting() => Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name =>
        {
            try
            {
                var words = File.ReadAllText($"/proc/{name}/cmdline");
                return words.Contains(lake.Folder, StringComparison.Ordinal) && words.Contains("--confined", StringComparison.Ordinal) ? Process.GetProcessById(int.Parse(name!, CultureInfo.InvariantCulture)) : null;
            }
            catch (Exception cause) when (cause is IOException or ArgumentException or UnauthorizedAccessException)
            {
                return null; // it has ended
            }
        }).FirstOrDefault(process => process is not null);
    }

    /// <summary>Whoever is slow to read what came keeps no others waiting.</summary>
    [Fact]
    public async Task ATurnComesBackWhenTheTimeIsOver()
    {
        using var stalled = await workers.TakeAsync("slow", Cancellation);
        Assert.Contains("longer than 3 seconds", Assert.Throws<QueryException>(() => stalled.Execute("SELECT count(*) FROM range(1000000000000)")).Message, StringComparison.Ordinal);
        (await workers.TakeAsync("slow", Cancellation)).Dispose();
    }

    [Fact]
    public async Task WhatNobodyMeansIsAnErrorOfTheQuery()
    {
        foreach (var (sql, expected) in ((string, string)[])[($"SELECT {string.Concat(Enumerable.Repeat("1+", 600))}1", "nests too deeply"), ("SELECT error(E'x\nLINE 99999999999: y\n        ^')", "x")])
        {
            var error = await Assert.ThrowsAsync<QueryException>(async () =>
            {
                using var result = await lake.Lake.QueryAsync(sql, workers, null, Cancellation);
                await RowsAsync(result);
            });
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AProgramThatIsNoWorkerIsSaidSo()
    {
        using var none = new SqlWorkers(Path.Combine(folder, "none"), lake.Store, limits);
        Assert.Contains("cannot start", (await Assert.ThrowsAsync<InvalidOperationException>(() => none.TakeAsync("a", Cancellation))).Message, StringComparison.Ordinal);
    }

    async Task<string> AskHonestlyAsync()
    {
        using var result = await lake.Lake.QueryAsync("SELECT message FROM log_entries", workers, new QueryOptions { Actor = "honest" }, Cancellation);
        return await RowsAsync(result);
    }

    async Task<string> PartitionAsync()
    {
        var partition = (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).First(row => row.View == "spans" && row.Path.Length > 0);
        return await lake.Store.Objects.LocalFileAsync(partition.Path, Cancellation);
    }

    static long PeakOf(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Select(line => long.Parse(line.AsSpan(6).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10).FirstOrDefault();
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    static async Task<string> RowsAsync(WorkerResult result)
    {
        var rows = new List<string>();
        await foreach (var batch in result.ReadBatchesAsync(Cancellation))
            using (batch)
                for (var row = 0; row < batch.Length; row++) rows.Add(string.Join(' ', batch.Arrays.Select(array => Text(array, row))));
        return string.Join('|', rows);
    }

    static string Text(IArrowArray array, int row) => array switch
    {
        StringArray texts => texts.GetString(row),
        Int64Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        Int32Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        UInt32Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        DoubleArray numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        FloatArray numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException(array.GetType().Name),
    };
}
