using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Legion.Tests.Cli;

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
