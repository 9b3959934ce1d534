using System.Net;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>SQL of the viewer's page: a JSON object in, an Arrow stream out.</summary>
public sealed class SqlEndpointTests : IAsyncLifetime
{
    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner
        main end 5000
        main end 20000
        log 1000 info main "hello"
        event Frame 100 number=1 gpu=2.5
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Theory]
    [InlineData("""{"sql": "SELECT range AS n FROM range(10)"}""", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("""{"sql": "SELECT range AS n FROM range(10)", "rows": 10}""", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("""{"sql": "SELECT range AS n FROM range(1000000)", "rows": 3}""", "0 1 2 3")]
    [InlineData("""{"sql": "SELECT $n::BIGINT AS n", "parameters": {"n": 7}}""", "7")]
    [InlineData("""{"sql": "SELECT count(*) AS n FROM log_entries", "to": "2020-01-01T00:00:00Z"}""", "0")]
    [InlineData("""{"sql": "SELECT range AS n FROM range(10) WHERE false"}""", "")]
    public async Task TheAnswerIsAnArrowStream(string question, string expected)
    {
        using var answer = await AskAsync(question);
        Assert.Equal((HttpStatusCode.OK, "application/vnd.apache.arrow.stream"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        using var reader = new ArrowStreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        var rows = new List<long?>();
        while (await reader.ReadNextRecordBatchAsync(Cancellation) is { } batch)
            using (batch) rows.AddRange((Int64Array)batch.Column(0));
        Assert.Equal("n", Assert.Single(reader.Schema.FieldsList).Name);
        Assert.Equal(expected, string.Join(' ', rows));
        using var receipt = JsonDocument.Parse(answer.Headers.GetValues("Legion-Receipt").Single());
        Assert.True(receipt.RootElement.GetProperty("planMs").GetDouble() > 0);
        Assert.Contains(PagePolicyName, answer.Headers.Select(header => header.Key));
    }

    [Theory]
    [InlineData("""{"sql": "SELECT nme FROM processes"}""", 400, 7)]
    [InlineData("""{"sql": "SELECT * FROM read_text('/etc/passwd')"}""", 400, 14)]
    [InlineData("""{"sql": "DROP TABLE x"}""", 400, null)]
    [InlineData("""{"sql": "SELECT * FROM spans"}""", 400, null)]
    [InlineData("""{"sql": "SELECT * FROM spans WHERE process_id = '01890000-0000-7000-8000-000000000000'"}""", 404, null)]
    [InlineData("""{"sql": "SELECT 1", "rows": 0}""", 400, null)]
    [InlineData("""{"sql": 1}""", 400, null)]
    [InlineData("""{"query": "SELECT 1"}""", 400, null)]
    [InlineData("""{"sql": "\ud800"}""", 400, null)]
    [InlineData("""[]""", 400, null)]
    [InlineData("""{"sql": """, 400, null)]
    public async Task WhatCannotBeAnsweredIsASentence(string question, int status, int? position)
    {
        using var answer = await AskAsync(question);
        Assert.Equal(status, (int)answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.NotEmpty(json.RootElement.GetProperty("error").GetString()!);
        Assert.Equal(position, json.RootElement.TryGetProperty("position", out var at) ? at.GetInt32() : null);
    }

    [Fact]
    public async Task ViewsAreToldWithTheirColumnsAndEventsWithTheirFields()
    {
        using var json = JsonDocument.Parse(await host.Client.GetStringAsync("/api/views", Cancellation));
        var views = json.RootElement.EnumerateArray().ToDictionary(view => view.GetProperty("name").GetString()!, view => view);
        Assert.True(views["spans"].GetProperty("needsProcess").GetBoolean());
        Assert.Contains("begin_time TIMESTAMP_NS", Columns("spans"));
        Assert.Contains("number", string.Join(' ', Columns("events.Frame")), StringComparison.Ordinal);
        foreach (var view in (string[])["spans", "log_entries", "processes", "events.Frame"])
            Assert.Equal((await lake.CsvAsync($"SELECT * FROM {view} WHERE process_id = '{script.ProcessId}' LIMIT 0")).Trim().Split(',').Order(), Columns(view).Select(column => column.Split(' ')[0]).Order());

        string[] Columns(string view) => [.. views[view].GetProperty("columns").EnumerateArray().Select(column => $"{column.GetProperty("name").GetString()} {column.GetProperty("type").GetString()}")];
    }

    [Fact]
    public async Task SavedQueriesAreTold()
    {
        await lake.Lake.SaveQueryAsync("slow", "SELECT 1", "ann", Cancellation);
        using var json = JsonDocument.Parse(await host.Client.GetStringAsync("/api/queries", Cancellation));
        var saved = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal(("slow", "SELECT 1", "ann"), (saved.GetProperty("name").GetString(), saved.GetProperty("sql").GetString(), saved.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task PagesOfOtherSitesAskNothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = Json("""{"sql": "SELECT 1"}""") };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var answer = await host.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    const string PagePolicyName = "Content-Security-Policy";

    Task<HttpResponseMessage> AskAsync(string question) => host.Client.PostAsync("/api/query", Json(question), Cancellation);

    static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
