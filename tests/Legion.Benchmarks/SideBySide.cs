using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using DuckDB.NET.Data;
using Legion.Lakehouse.Export;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>
/// The same spans as blocks, as the JSON of Chrome and Perfetto, and as OpenTelemetry's: their sizes, and the time from there to the first sums by name,
/// with nothing prepared. JSON is read by the same engine that answers ours.
/// </summary>
static class SideBySide
{
    const string Bench = "query";
    const long MostSpans = 1_000_000;
    const int Runs = 5;

    /// <summary>Spans of a request, as exporters batch them.</summary>
    const int SpansOfRequest = 512;

    const string Ours = "SELECT name, count(*), sum(duration_ns), quantile_cont(duration_ns, 0.99) FROM spans WHERE process_id = $process GROUP BY name ORDER BY 3 DESC";

    const string Chrome = """
        SELECT event.name, count(*), sum(event.dur), quantile_cont(event.dur, 0.99)
        FROM (SELECT unnest(traceEvents) AS event FROM read_json('{0}', maximum_object_size = {1})) WHERE event.ph = 'X' GROUP BY event.name ORDER BY 3 DESC
        """;

    const string OpenTelemetry = """
        SELECT name, count(*), sum(ns), quantile_cont(ns, 0.99)
        FROM (SELECT span.name AS name, span.endTimeUnixNano::BIGINT - span.startTimeUnixNano::BIGINT AS ns
            FROM (SELECT unnest(scope.spans) AS span FROM (SELECT unnest(resource.scopeSpans) AS scope FROM (SELECT unnest(resourceSpans) AS resource FROM read_json('{0}', format = 'newline_delimited')))))
        GROUP BY name ORDER BY 3 DESC
        """;

    public static async Task<IReadOnlyList<BenchmarkRow>> RunAsync(long wanted)
    {
        var spans = Math.Min(wanted, MostSpans);
        using var lake = new GeneratedLake(spans);
        var (chrome, otlp) = (lake.Temporary("chrome.json"), lake.Temporary("otlp.jsonl"));
        var exported = await ExportedProcess.FindAsync(lake.Lake, lake.ProcessId, default, default);
        await using (var output = File.Create(chrome))
        using (var trace = new ChromeTrace(exported, output)) await trace.WriteAsync(default);
        await using (var output = File.Create(otlp)) await WriteOtlpAsync(exported, output);

        double[] ours = new double[Runs], byChrome = new double[Runs], byOtlp = new double[Runs];
        for (var run = -1; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            lake.DropPartitions();
            ours[at] = await OursAsync(lake, spans);
            byChrome[at] = ByTheEngine(Chrome, chrome, spans);
            byOtlp[at] = ByTheEngine(OpenTelemetry, otlp, spans);
        }
        var blocks = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [lake.ProcessId], default)).Sum(block => (double)block.Bytes);
        var rows = new List<BenchmarkRow>
        {
            BenchmarkRow.Of(Bench, $"side-by-side-{spans}-bytes", "B/span", [blocks / spans]),
            BenchmarkRow.Of(Bench, $"side-by-side-{spans}-first-answer", "s", ours),
        };
        foreach (var (name, file, seconds) in new[] { ("chrome-json", chrome, byChrome), ("otlp-json", otlp, byOtlp) })
        {
            var gzipped = (double)Gzipped(file);
            rows.Add(BenchmarkRow.Of(Bench, $"side-by-side-{name}-bytes", "B/span", [(double)new FileInfo(file).Length / spans]));
            rows.Add(BenchmarkRow.Of(Bench, $"side-by-side-{name}-gzip-bytes", "B/span", [gzipped / spans]));
            rows.Add(BenchmarkRow.Of(Bench, $"side-by-side-{name}-first-answer", "s", seconds));
            rows.Add(BenchmarkRow.Of(Bench, $"side-by-side-{name}-gzip-bytes-over-ours", "ratio", [gzipped / blocks], Aim.AtLeast, 1));
            rows.Add(BenchmarkRow.Of(Bench, $"side-by-side-{name}-first-answer-over-ours", "ratio", [.. seconds.Zip(ours, (theirs, own) => theirs / own)], Aim.AtLeast, 1));
        }
        return rows;
    }

    static async Task<double> OursAsync(GeneratedLake lake, long spans)
    {
        var watch = Stopwatch.StartNew();
        using var result = await lake.Lake.QueryAsync(Ours, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = lake.ProcessId } });
        using var rows = result.ReadRows();
        var counted = 0L;
        while (rows.Read()) counted += rows.Int64(1);
        Require(counted, spans);
        return watch.Elapsed.TotalSeconds;
    }

    static double ByTheEngine(string sql, string file, long spans)
    {
        var watch = Stopwatch.StartNew();
        using var engine = new DuckDBConnection("Data Source=:memory:");
        engine.Open();
        using var command = engine.CreateCommand();
        command.CommandText = string.Format(CultureInfo.InvariantCulture, sql, file, new FileInfo(file).Length + 1);
        using var rows = command.ExecuteReader();
        var counted = 0L;
        while (rows.Read()) counted += rows.GetInt64(1);
        Require(counted, spans);
        return watch.Elapsed.TotalSeconds;
    }

    static void Require(long counted, long spans)
    {
        if (counted != spans) throw new InvalidDataException($"expected sums over {spans} spans, saw {counted}");
    }

    static long Gzipped(string file)
    {
        using var bytes = new CountingStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var source = File.OpenRead(file)) source.CopyTo(gzip);
        return bytes.Position;
    }

    /// <summary>A request a line, with what the views have of a span, as the file exporter of the collector writes them.</summary>
    static async Task WriteOtlpAsync(ExportedProcess exported, Stream output)
    {
        using var json = new Utf8JsonWriter(output);
        var inRequest = 0;
        await exported.ReadAsync("SELECT stream_id, span_id, parent_id, name, target, begin_ns, coalesce(end_ns, begin_ns), file, line, thread FROM spans WHERE process_id = $process ORDER BY begin_ns", row =>
        {
            if (inRequest == 0) Begin();
            json.WriteStartObject();
            json.WriteString("traceId", exported.Process.ProcessId.ToString("N"));
            json.WriteString("spanId", IdOf(row, 1));
            json.WriteString("parentSpanId", row.IsNull(2) ? "" : IdOf(row, 2));
            json.WriteString("name", row.Text(3));
            json.WriteNumber("kind", 1);
            json.WriteString("startTimeUnixNano", row.Int64(5).ToString(CultureInfo.InvariantCulture));
            json.WriteString("endTimeUnixNano", row.Int64(6).ToString(CultureInfo.InvariantCulture));
            json.WriteStartArray("attributes");
            Attribute("thread.name", row.Text(9));
            Attribute("code.file.path", row.Text(7));
            json.WriteEndArray();
            json.WriteEndObject();
            if (++inRequest == SpansOfRequest) End();
        }, default);
        if (inRequest > 0) End();

        // Ids are unique in a stream here, and in a trace there.
        string IdOf(ResultRows row, int column) => $"{exported.ThreadOf(row.Text(0)):x4}{row.Int64(column):x12}";

        void Attribute(string key, string value)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        void Begin()
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            json.WriteStartArray("attributes");
            Attribute("service.name", exported.Process.Exe);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartArray("spans");
        }

        void End()
        {
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            output.WriteByte((byte)'\n');
            inRequest = 0;
        }
    }

    /// <summary>Throws away what is written, and says how much it was.</summary>
    sealed class CountingStream : MemoryStream
    {
        long written;

        public override long Position { get => written; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => written += count;

        public override void Write(ReadOnlySpan<byte> buffer) => written += buffer.Length;
    }
}
