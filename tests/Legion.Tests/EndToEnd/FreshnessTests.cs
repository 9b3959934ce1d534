using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Support;

namespace Legion.Tests.EndToEnd;

/// <summary>What an exporter has been told is stored is seen by who asks five seconds later.</summary>
public sealed class FreshnessTests
{
    const int Exports = 5;

    static readonly TimeSpan longest = TimeSpan.FromSeconds(5);

    /// <summary>The first question makes engines and compiles what later ones find.</summary>
    static readonly TimeSpan firstTime = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfAServiceThatDoesAll()
    {
        using var lake = LakeUnderTest.Embedded();
        using var service = await lake.StartAsync("all");
        await IsFreshAsync(service, service);
    }

    [Fact]
    public async Task OfAServiceThatShowsWhatAnotherTakes()
    {
        using var lake = LakeUnderTest.Embedded();
        using var ingestion = await lake.StartAsync("ingestion");
        using var viewer = await lake.StartAsync("viewer");
        await IsFreshAsync(ingestion, viewer);
    }

    /// <summary>Sums that a policy asks for are there as soon as their spans, and before and after the service has files of them.</summary>
    [Fact]
    public async Task OfSumsOfSpans()
    {
        using var lake = LakeUnderTest.Embedded();
        using var service = await lake.StartAsync("all");
        await lake.RunAsync("lake", "policy", "add", "work", "--spans", "name = 'work'");
        using var producer = new HttpClient { BaseAddress = service.Url };
        var store = lake.Open();
        var reader = new Lake(store);
        var expected = 0L;
        for (var number = 1; number <= Exports; number++)
        {
            var script = EventScript.Parse($"main begin 5 idle\nmain end 50\nmain begin 100 work\nmain begin 101 work\nmain end {number}02\nmain end {number}50");
            var batch = script.Records();
            foreach (var block in script.Blocks) batch.AddBlock(block.Bytes);
            using var content = new ByteArrayContent(batch.ToArray()) { Headers = { ContentType = new(Batch.MediaType) } };
            using var response = await producer.PostAsync("/v1/append", content, Cancellation);
            response.EnsureSuccessStatusCode();
            expected += number * 100 + 2 - 101 + (number * 100 + 50 - 100);
            await SeenAsync(async () => await TotalAsync() == expected, number == 1 ? firstTime : longest);
            Assert.Equal(expected, await AskAsync("SELECT sum(duration_ns)::BIGINT FROM spans WHERE name = 'work' AND process_id IN (SELECT process_id FROM processes)"));
        }
        await SeenAsync(async () => (await store.Catalog.ReadPartitionsAsync(Tenant.Default, "all_span_sums", [Guid.Empty], Cancellation)).Sum(row => row.Rows) == Exports, firstTime);
        Assert.Equal(expected, await TotalAsync());

        Task<long> TotalAsync() => AskAsync("SELECT coalesce(sum(total_ns), 0)::BIGINT FROM span_rollups WHERE step = 'minute'");

        async Task<long> AskAsync(string sql)
        {
            using var result = await reader.QueryAsync(sql, cancellation: Cancellation);
            using var rows = result.ReadRows(Cancellation);
            Assert.True(rows.Read());
            return rows.Int64(0);
        }
    }

    static async Task IsFreshAsync(ServedLake ingestion, ServedLake viewer)
    {
        using var exporter = new HttpClient { BaseAddress = ingestion.Url };
        using var reader = new HttpClient { BaseAddress = viewer.Url };
        await ExportAsync(exporter, 0);
        Guid process = default;
        await SeenAsync(async () =>
        {
            var processes = (await reader.GetFromJsonAsync<JsonElement>("/api/processes", Cancellation)).GetProperty("processes");
            if (processes.GetArrayLength() == 0) return false;
            process = processes[0].GetProperty("process_id").GetGuid();
            return (await reader.GetStringAsync($"/api/processes/{process}/logs", Cancellation)).Contains("order 0 was paid", StringComparison.Ordinal);
        }, firstTime);
        for (var number = 1; number <= Exports; number++)
        {
            await ExportAsync(exporter, number);
            var expected = $"order {number} was paid";
            await SeenAsync(async () => (await reader.GetStringAsync($"/api/processes/{process}/logs", Cancellation)).Contains(expected, StringComparison.Ordinal), longest);
        }
    }

    static async Task ExportAsync(HttpClient exporter, int number)
    {
        using var export = new StringContent($$$"""
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
            "scopeLogs":[{"logRecords":[{"timeUnixNano":"{{{1_790_000_000_000_000_000 + number}}}","severityNumber":9,"body":{"stringValue":"order {{{number}}} was paid"}}]}]}]}
            """, Encoding.UTF8, "application/json");
        using var response = await exporter.PostAsync("/v1/logs", export, Cancellation);
        Assert.Equal("{}", await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation));
    }

    static async Task SeenAsync(Func<Task<bool>> isSeen, TimeSpan within)
    {
        var acknowledged = Stopwatch.GetTimestamp();
        while (!await isSeen())
        {
            Assert.True(Stopwatch.GetElapsedTime(acknowledged) < within, $"not seen {Stopwatch.GetElapsedTime(acknowledged)} after it was acknowledged");
            await Task.Delay(20, Cancellation);
        }
    }
}
