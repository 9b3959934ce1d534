using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>
/// Appends a file in Chrome's trace event format: its processes with their threads, spans, async spans, flows, marks, counters, and instants with a level as logs.
/// The same file twice is there once. All of it is in memory meanwhile.
/// </summary>
/// <param name="redaction">What is not to be written into any block.</param>
sealed class ChromeImport(LakeStore lake, TimeProvider clock, Redaction redaction)
{
    /// <summary>As rows.</summary>
    const int BlockBytes = 512 << 10, BatchBytes = 4 << 20;

    readonly BlockAppend append = new(lake, clock);
    readonly Dictionary<string, ChromeProcess> read = new(StringComparer.Ordinal);
    BatchWriter batch = new();

    public ImportedBlocks Imported { get; } = new();

    /// <returns>What is not in the lake, and why; null where all of it is.</returns>
    /// <exception cref="InvalidDataException">The file is no such trace.</exception>
    public async Task<string?> AppendAsync(string path, CancellationToken cancellation)
    {
        byte[] content;
        await using (var whole = ImportedFile.Open(path)) content = await SHA256.HashDataAsync(whole, cancellation);
        await using var file = ChromeFile.Open(path);
        var trace = new ChromeFile(file);
        var (number, failed, reason) = (0, 0, (string?)null);
        await foreach (var json in trace.ReadAsync(cancellation))
        {
            number++;
            try
            {
                var one = ChromeEvent.Read(json);
                if (!read.TryGetValue(one.Process, out var process)) read.Add(one.Process, process = new ChromeProcess(one.Process, redaction));
                process.Add(one);
            }
            catch (InvalidDataException cause)
            {
                failed++;
                reason ??= $"event {number}: {cause.Message}";
            }
        }
        await WriteAsync(trace.Others, content, File.GetLastWriteTimeUtc(path), cancellation);
        var skipped = read.Values.SelectMany(process => process.Skipped).GroupBy(item => item.Key).Select(group => $"{group.Sum(item => item.Value)} of {group.Key}").Order(StringComparer.Ordinal).ToList();
        string?[] faults =
        [
            reason is null ? null : $"{failed} events could not be read, the first because: {reason}", trace.Damage,
            skipped.Count == 0 ? null : $"nothing here corresponds to {string.Join(", ", skipped)}", Imported.Count(BlockCode.Refused) == 0 ? null : $"{Imported.Count(BlockCode.Refused)} blocks were refused",
        ];
        return faults.Any(fault => fault is not null) ? string.Join("; ", faults.Where(fault => fault is not null)) : null;
    }

    /// <summary>A trace has no date, but for one of this program's own export: it ends when its file was last written, or where it was imported before, when it did then.</summary>
    async Task WriteAsync(IReadOnlyDictionary<string, JsonElement> others, byte[] content, DateTime written, CancellationToken cancellation)
    {
        ChromeProcess[] timed = [.. read.Values.Where(process => process.FirstNs <= process.LastNs)];
        if (timed.Length == 0) return;
        var other = others.TryGetValue("otherData", out var data) && data.ValueKind == JsonValueKind.Object ? data : default;
        var exported = other.ValueKind == JsonValueKind.Object && long.TryParse(ChromeEvent.TextOf(other, "start_ns"), CultureInfo.InvariantCulture, out var start) ? start : (long?)null;
        var (first, last) = (timed.Min(process => process.FirstNs), timed.Max(process => process.LastNs));
        if (exported is not null) first = Math.Min(0, first);
        var ids = new ChromeIds(content, exported ?? 0);
        var startNs = exported is { } known ? known + first
            : await StartOfEarlierAsync(IdOf(timed[0], ids), cancellation) is { } before ? before - (timed[0].FirstNs - first)
            : (written - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick - (last - first);
        foreach (var process in timed)
        {
            var exe = exported is not null && timed.Length == 1 ? ChromeEvent.TextOf(other, "exe") : process.Name;
            var clock = new ChromeClock(first, startNs);
            await WriteAsync(process, exe, exported ?? clock.Utc(process.FirstNs), clock, ids, cancellation);
        }
        await FlushAsync(cancellation);
    }

    static Guid IdOf(ChromeProcess process, ChromeIds ids) => ids.Of($"process {process.Id}");

    async Task<long?> StartOfEarlierAsync(Guid processId, CancellationToken cancellation) =>
        (await lake.Catalog.ReadProcessesAsync(Tenant.Default, [processId], cancellation)).FirstOrDefault()?.StartNs;

    async Task WriteAsync(ChromeProcess process, string exe, long startNs, ChromeClock clock, ChromeIds ids, CancellationToken cancellation)
    {
        var processId = IdOf(process, ids);
        batch.Add(new ProcessRecord
        {
            ProcessId = processId, Version = 1, Exe = exe, StartNs = startNs, EndNs = clock.Utc(process.LastNs), EndReason = "exit", LastSeenNs = clock.Utc(process.LastNs),
            Properties = [new("pid", process.Id)],
        });
        batch.Add(WellKnown.Schema);
        Guid StreamOf(string label) => ids.Of($"process {process.Id} {label}");
        Guid StreamOfThread(ChromeThread thread) => StreamOf($"thread {thread.Id} row 0");
        process.MatchAsyncs(clock, StreamOfThread);
        foreach (var thread in process.Threads)
        {
            var (rows, moments) = (thread.Rows(), thread.Moments());
            if (thread.EndsWithoutBegin > 0) process.Skip("ends of spans that did not begin", thread.EndsWithoutBegin);
            for (var row = 0; row < rows.Count || row == 0 && moments.Count > 0; row++)
            {
                var stream = StreamOf($"thread {thread.Id} row {row}");
                batch.Add(new StreamRecord
                {
                    StreamId = stream, ProcessId = processId, Version = 1, Class = StreamClass.Trace, Name = row == 0 ? thread.Name : $"{thread.Name} ({row + 1})",
                    ThreadId = ulong.TryParse(thread.Id, CultureInfo.InvariantCulture, out var number) ? number : null,
                });
                await WriteRowAsync(new TraceWriter(processId, stream), row < rows.Count ? rows[row] : [], row == 0 ? moments : [], clock, number => ids.Of($"{stream} block {number}"), cancellation);
            }
        }
        await WritePointsAsync(processId, StreamOf("log"), StreamClass.Log, process.Logs.OrderBy(log => log.Ns), log => log.Ns, (points, tick, log) => points.Log(tick, log.Thread, log.Level, log.Message, log.Properties), clock, ids, cancellation);
        await WritePointsAsync(processId, StreamOf("metric"), StreamClass.Metric, process.Measures.OrderBy(measure => measure.Ns), measure => measure.Ns, (points, tick, measure) => points.Metric(tick, measure.Thread, measure.Site, measure.Unit, measure.Value), clock, ids, cancellation);
    }

    /// <summary>Spans and moments in order of time; a moment at a span's begin or end lies in it.</summary>
    async Task WriteRowAsync(TraceWriter writer, IReadOnlyList<ChromeSpan> spans, IReadOnlyList<ChromeMoment> moments, ChromeClock clock, Func<int, Guid> blockId, CancellationToken cancellation)
    {
        var ends = new Stack<long>();
        var (moment, blocks) = (0, 0);
        foreach (var span in spans)
        {
            EndUpTo(span.BeginNs);
            MomentsUpTo(span.BeginNs - 1);
            if (span.Arguments.Length == 0) writer.Begin(clock.Tick(span.BeginNs), span.Site);
            else writer.Begin(clock.Tick(span.BeginNs), span.Site, "", span.Arguments);
            ends.Push(span.EndNs);
            if (writer.EventBytes >= BlockBytes) await CutAsync();
        }
        EndUpTo(long.MaxValue - 1);
        MomentsUpTo(long.MaxValue);
        if (!writer.IsEmpty) await CutAsync();

        void EndUpTo(long ns)
        {
            while (ends.TryPeek(out var end) && end <= ns)
            {
                MomentsUpTo(end);
                writer.End(clock.Tick(ends.Pop()));
            }
        }

        void MomentsUpTo(long ns)
        {
            for (; moment < moments.Count && moments[moment].Ns <= ns; moment++) moments[moment].Write(writer, clock.Tick(moments[moment].Ns));
        }

        Task CutAsync()
        {
            batch.AddBlock(writer.Cut(blockId(blocks++), clock.Around(writer.FirstTick, writer.LastTick)).Bytes);
            return batch.TotalBytes >= BatchBytes ? FlushAsync(cancellation) : Task.CompletedTask;
        }
    }

    async Task WritePointsAsync<T>(Guid processId, Guid stream, StreamClass streamClass, IEnumerable<T> items, Func<T, long> nsOf, Action<PointWriter, ulong, T> write, ChromeClock clock, ChromeIds ids, CancellationToken cancellation)
    {
        var points = new PointWriter(processId, stream, streamClass);
        var blocks = 0;
        foreach (var item in items)
        {
            if (points.Blocks == 0 && points.IsEmpty)
                batch.Add(new StreamRecord { StreamId = stream, ProcessId = processId, Version = 1, Class = streamClass, Name = streamClass == StreamClass.Log ? "log" : "metric" });
            write(points, clock.Tick(nsOf(item)), item);
            if (points.EventBytes >= BlockBytes) await CutAsync();
        }
        if (!points.IsEmpty) await CutAsync();

        Task CutAsync()
        {
            batch.AddBlock(points.Cut(ids.Of($"{stream} block {blocks++}"), clock));
            return batch.TotalBytes >= BatchBytes ? FlushAsync(cancellation) : Task.CompletedTask;
        }
    }

    async Task FlushAsync(CancellationToken cancellation)
    {
        var answer = await append.AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), cancellation);
        batch = new BatchWriter();
        Imported.Add(answer);
    }
}
