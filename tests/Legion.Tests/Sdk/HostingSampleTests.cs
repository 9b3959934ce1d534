using System.Diagnostics;
using Legion.Tests.Cli;
using Legion.Tests.Format;
using Legion.Tests.Support;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>The web sample, which has nothing of ours but <c>AddLegion()</c>, records itself to a server; SQL says what it did.</summary>
public sealed class HostingSampleTests
{
    const int Requests = 20;

    [Fact]
    public async Task A_web_application_records_its_requests_its_calls_its_logs_and_its_runtime()
    {
        using var lake = new TestLake();
        using var server = await ServedLake.StartAsync(lake.Folder, "--role", "ingestion");
        await RunAsync(server.Url);
        var process = $"process_id = '{(await CellsAsync(lake, "SELECT process_id FROM processes"))[0]}'";

        Assert.Equal(["Legion.Sample.Web,Production,exit"], await CellsAsync(lake, $"SELECT properties->>'application' AS application, properties->>'environment' AS environment, end_reason FROM processes WHERE {process}"));
        // Four of five requests ask another endpoint.
        Assert.Equal([$"client,{Requests * 9 / 5}", $"server,{Requests * 9 / 5}"], await CellsAsync(lake, $"SELECT properties->>'kind' AS kind, count(end_ns) AS spans FROM async_spans WHERE {process} GROUP BY kind ORDER BY kind"));
        // Each request is a part of a call, in its trace and within its time.
        Assert.Equal([$"{Requests * 9 / 5}"], await CellsAsync(lake, $"""
            SELECT count(*) AS pairs FROM async_spans AS request JOIN async_spans AS call ON request.parent_id = call.span_id
            WHERE request.{process} AND call.{process} AND (request.properties->>'kind') = 'server' AND (call.properties->>'kind') = 'client'
                AND request.trace_id = call.trace_id AND request.begin_ns >= call.begin_ns
            """));
        // The calls that requests make are theirs.
        Assert.Equal([$"{Requests * 4 / 5}"], await CellsAsync(lake, $"""
            SELECT count(*) AS pairs FROM async_spans AS call JOIN async_spans AS request ON call.parent_id = request.span_id
            WHERE call.{process} AND request.{process} AND (call.properties->>'kind') = 'client' AND (request.properties->>'url.path') LIKE '/orders/%'
                AND request.trace_id = call.trace_id AND call.begin_ns >= request.begin_ns AND call.end_ns <= request.end_ns
            """));
        // Each log of an order lies within its request.
        Assert.Equal([$"{Requests * 4 / 5 * 2}"], await CellsAsync(lake, $"""
            SELECT count(*) AS logs FROM log_entries AS log JOIN async_spans AS request
                ON (request.properties->>'url.path') = '/orders/' || (log.arguments->>'OrderId') AND (request.properties->>'kind') = 'server'
                AND log.time_ns BETWEEN request.begin_ns AND request.end_ns
            WHERE log.{process} AND request.{process} AND log.target = 'Legion.Sample.Web.Order'
            """));
        Assert.Equal([$"{Requests / 5},System.InvalidOperationException"], await CellsAsync(lake, $"SELECT count(*) AS logs, min(arguments->>'exception.type') AS type FROM log_entries WHERE {process} AND level = 'error'"));
        Assert.Equal([$"{Requests * 9 / 5}"], await CellsAsync(lake, $"SELECT count(*) AS requests FROM measures WHERE {process} AND name = 'http.server.request.duration'"));
        Assert.Equal(["process.cpu.user", "runtime.gc.heap", "runtime.jit.methods"], await CellsAsync(lake, $"SELECT DISTINCT name FROM measures WHERE {process} AND name IN ('process.cpu.user', 'runtime.gc.heap', 'runtime.jit.methods') ORDER BY 1"));
        // The uploads to the server are not among what the program did.
        Assert.Equal(["0"], await CellsAsync(lake, $"SELECT count(*) AS uploads FROM measures WHERE {process} AND (properties->>'server.port') = '{server.Url.Port}'"));
        Assert.Equal(["0"], await CellsAsync(lake, $"SELECT count(*) AS uploads FROM async_spans WHERE {process} AND (properties->>'server.port') = '{server.Url.Port}'"));
    }

    static async Task RunAsync(Uri server)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(RepositoryTree.Root, "artifacts", "bin", "Legion.Sample.Web", configuration, "Legion.Sample.Web");
        var start = new ProcessStartInfo(program, ["--requests", $"{Requests}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Legion__Endpoint"] = server.ToString();
        start.Environment["Legion__Spool"] = "";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        using var sample = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        var (output, error) = (sample.StandardOutput.ReadToEndAsync(cancellation), sample.StandardError.ReadToEndAsync(cancellation));
        await sample.WaitForExitAsync(cancellation);
        Assert.True(sample.ExitCode == 0, await output + await error);
    }

    static async Task<string[]> CellsAsync(TestLake lake, string sql) => (await lake.CsvAsync(sql)).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
}
