using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Legion.Cli;
using Legion.Format;
using Legion.Kernel.Display;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

public sealed class ReportTests : IAsyncLifetime
{
    const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html; frame-ancestors 'none'";

    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer user=ann@example.org
        main end 2000
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task AReportIsServedWithThePolicyThatTheServiceMakes()
    {
        const string Title = "<script>window.hostile=1</script>\u202e \"A\" & b";
        var html = TestReport.Write("# Shown", TestReport.Chart);
        var own = html[(html.IndexOf("script-src ", StringComparison.Ordinal) + 11)..html.IndexOf("; style-src", StringComparison.Ordinal)];
        // What the page says of itself counts for nothing.
        var published = await PublishAsync(html.Replace(own, "* 'unsafe-inline'", StringComparison.Ordinal), $"?title={Uri.EscapeDataString(Title)}&days=30");
        Assert.Equal((Title, "anybody", true), (published.GetProperty("title").GetString(), published.GetProperty("created_by").GetString(), published.GetProperty("removable").GetBoolean()));
        var id = published.GetProperty("report").GetString()!;
        Assert.Equal("/report/" + id, published.GetProperty("path").GetString());

        var page = await host.GetAsync($"/report/{id}");
        Assert.Equal(("text/html", PagePolicy + "; frame-src 'self'"), (page.Content.Headers.ContentType?.MediaType, Policy(page)));
        var content = await host.GetAsync($"/reports/{id}/content");
        Assert.Equal($"sandbox allow-scripts; default-src 'none'; script-src {own}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'", Policy(content));
        Assert.Equal(("nosniff", "no-referrer", "same-origin", "text/html"), (Header(content, "X-Content-Type-Options"), Header(content, "Referrer-Policy"), Header(content, "Cross-Origin-Resource-Policy"), content.Content.Headers.ContentType?.MediaType));
        Assert.True(content.Headers.CacheControl?.NoCache);
        Assert.Contains("<title>Shown</title>", await content.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/reports/{id}/content") { Headers = { IfNoneMatch = { content.Headers.ETag! } } };
        var unchanged = await host.Client.SendAsync(again, Cancellation);
        Assert.Equal((HttpStatusCode.NotModified, Policy(content)), (unchanged.StatusCode, Policy(unchanged)));

        var plain = await PublishAsync(TestReport.Write("# No chart"));
        Assert.Contains("; script-src 'none';", Policy(await host.GetAsync($"/reports/{plain.GetProperty("report").GetString()}/content")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReportsAreListedNewestFirstAndRemoved()
    {
        var ids = new List<string>();
        foreach (var title in (string[])["Alpha", "beta <b>", "gamma"]) ids.Add((await PublishAsync(TestReport.Write("x"), "?title=" + Uri.EscapeDataString(title))).GetProperty("report").GetString()!);
        Assert.Equal(["gamma", "beta <b>", "Alpha"], await TitlesAsync(""));
        Assert.Equal(["Alpha"], await TitlesAsync("?search=ALPH"));
        Assert.Equal(3, (await TitlesAsync("?search=anybody")).Length);
        Assert.Equal(["gamma"], await TitlesAsync("?limit=1"));
        Assert.Empty(await TitlesAsync("?search=nothing"));
        var key = (await lake.Store.Catalog.FindReportAsync(Tenant.Default, ids[1], Cancellation))!.ObjectKey;
        Assert.Equal(HttpStatusCode.OK, (await host.Client.DeleteAsync($"/api/reports/{ids[1]}", Cancellation)).StatusCode);
        Assert.Equal(["gamma", "Alpha"], await TitlesAsync(""));
        Assert.False(await lake.Store.Objects.HasAsync(key, Cancellation));
        foreach (var path in (string[])[$"/api/reports/{ids[1]}", $"/reports/{ids[1]}/content"])
            Assert.Equal((HttpStatusCode.Gone, $"the report '{ids[1]}' is gone: it was removed, what it showed was erased, or the time for which it is kept is over"), await ErrorAsync(await host.GetAsync(path)));
        Assert.Equal((HttpStatusCode.NotFound, "there is no report '222222222222' in this lake, or it is another tenant's"), await ErrorAsync(await host.GetAsync("/api/reports/222222222222")));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/reports/%3Cscript%3E/content")).StatusCode);
        Assert.Equal(0, (await new LakeVerification(lake.Store, TimeProvider.System).RunAsync(damage => Assert.Fail($"{damage}"), null, Cancellation)).Damages);
    }

    [Fact]
    public async Task APageThatWasChangedIsNotShown()
    {
        var id = (await PublishAsync(TestReport.Write("# Mine"))).GetProperty("report").GetString()!;
        var row = (await lake.Store.Catalog.FindReportAsync(Tenant.Default, id, Cancellation))!;
        var file = await lake.Store.Objects.LocalFileAsync(row.ObjectKey, Cancellation);
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        Assert.Equal((HttpStatusCode.InternalServerError, "this could not be answered; the server's log says why"), await ErrorAsync(await host.GetAsync($"/reports/{id}/content")));
        var damages = new List<Damage>();
        await new LakeVerification(lake.Store, TimeProvider.System).RunAsync(damages.Add, null, Cancellation);
        Assert.Equal((DamageKind.ChangedBytes, $"report {id}"), (Assert.Single(damages).Kind, damages[0].Subject));
        await lake.Store.Objects.DeleteAsync(row.ObjectKey, Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, (await host.GetAsync($"/reports/{id}/content")).StatusCode);
        damages.Clear();
        await new LakeVerification(lake.Store, TimeProvider.System).RunAsync(damages.Add, null, Cancellation);
        Assert.Equal(DamageKind.MissingPayload, Assert.Single(damages).Kind);
    }

    [Theory]
    [InlineData("</main>", "<script>alert(1)</script></main>", "saw one of type '' and hash sha256-")]
    [InlineData("</main>", "<script type=\"module\">alert(1)</script></main>", "that begins with 'alert(1)'; write the report anew")]
    [InlineData("</main>", "<script type=\"text/javascript\" src=\"https://example.org/a.js\"></script></main>", "saw one that is loaded: 'https://example.org/a.js'")]
    [InlineData("</main>", "<script type=\"importmap\">{}</script></main>", "saw one of type 'importmap'")]
    [InlineData("</main>", "<script type=\"application/json\"><!--<script></script></main>", "saw one of type 'application/json'")]
    [InlineData("</main>", "<svg><script>alert(1)</script></svg></main>", "saw an element 'svg'")]
    [InlineData("</main>", "<iframe src=\"/\"></iframe></main>", "saw an element 'iframe'")]
    [InlineData("</main>", "<template shadowrootmode=\"open\"></template></main>", "saw an element 'template'")]
    [InlineData("</main>", "<noscript><p></p></noscript></main>", "saw an element 'noscript'")]
    [InlineData("</main>", "<p onclick=\"alert(1)\">x</p></main>", "saw an attribute 'onclick' of 'p'")]
    [InlineData("</main>", "<a href=\" java&#10;script:alert(1)\">x</a></main>", "expected addresses, saw")]
    [InlineData("<title>", "<meta http-equiv=\"refresh\" content=\"0;url=https://example.org/\"><title>", "expected a policy and no other directive, saw 'refresh'")]
    [InlineData("<title>", "<link rel=\"prefetch\" href=\"https://example.org/\"><title>", "saw an element 'link'")]
    [InlineData("<title>", "<base href=\"https://example.org/\"><title>", "saw an element 'base'")]
    [InlineData("http-equiv=\"Content-Security-Policy\"", "name=\"a\"", "it has no policy")]
    public async Task WhatIsNoReportIsRefusedAndNamed(string before, string after, string expected)
    {
        var html = TestReport.Write("# Mine", TestReport.Chart);
        Assert.Contains(before, html, StringComparison.Ordinal);
        var answer = await PostAsync(html.Replace(before, after, StringComparison.Ordinal), "");
        var (status, sentence) = await ErrorAsync(answer);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        Assert.Empty(await lake.Lake.Store.Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task AScriptThatWasChangedIsNoneOfOurs()
    {
        var html = TestReport.Write("# Mine", TestReport.Chart);
        var at = html.LastIndexOf("fallback.remove()", StringComparison.Ordinal);
        var (status, sentence) = await ErrorAsync(await PostAsync(html[..at] + "alert(1);" + html[at..], ""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("saw one of type 'module'", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<div>", "elements nested more than 256 deep")]
    [InlineData("<b></i>", "an end of 'i' that ends nothing")]
    [InlineData("<style>", "no end of 'style'")]
    [InlineData("<p a=b>", "something else than elements and text")]
    [InlineData("<p a=\"b\"c>", "something else than elements and text")]
    [InlineData("<!--", "something else than elements and text")]
    [InlineData("<p", "something else than elements and text")]
    public async Task APageThatIsMadeToBeHardToReadIsRefusedAtOnce(string markup, string expected)
    {
        var many = string.Concat(Enumerable.Repeat(markup, 1_000_000));
        var (status, sentence) = await ErrorAsync(await PostAsync(TestReport.Write("x").Replace("</main>", many + "</main>", StringComparison.Ordinal), ""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        var attributes = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $" a{i}"));
        Assert.Contains("more than 64 attributes", (await ErrorAsync(await PostAsync(TestReport.Write("x").Replace("<main>", $"<main{attributes}>", StringComparison.Ordinal), ""))).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWideReportIsReadAndSearched()
    {
        var id = (await PublishAsync(TestReport.Write("x").Replace("</main>", string.Concat(Enumerable.Repeat("<p title=\"a\">some <b>words</b></p>", 200_000)) + "</main>", StringComparison.Ordinal))).GetProperty("report").GetString();
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync("user", "other words", Cancellation), null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/api/reports/{id}")).StatusCode);
        await erasure.RunAsync(await erasure.BeginAsync("user", "words", Cancellation), null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, (await host.GetAsync($"/api/reports/{id}")).StatusCode);
    }

    [Fact]
    public async Task WhatCannotBeMeantIsRefused()
    {
        var report = TestReport.Write("x");
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(report, "?days=0")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(report, "?days=100000")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(report, "", "text/plain")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("", "")).StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/reports") { Content = new StringContent(report, Encoding.UTF8, "text/html"), Headers = { { "Sec-Fetch-Site", "cross-site" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.SendAsync(foreign, Cancellation)).StatusCode);
        using var latin = new ByteArrayContent([(byte)'<', 0xff, 0xfe]) { Headers = { ContentType = new MediaTypeHeaderValue("text/html") } };
        Assert.Equal((HttpStatusCode.BadRequest, "expected a report as HTML in UTF-8, saw other bytes"), await ErrorAsync(await host.Client.PostAsync("/api/reports", latin, Cancellation)));
        var (status, sentence) = await ErrorAsync(await PostAsync(report + new string(' ', LakeReports.MostBytes), ""));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.StartsWith("expected a report of at most 16,777,216 bytes, saw ", sentence, StringComparison.Ordinal);
        Assert.Empty(await lake.Store.Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task WhatIsErasedIsInNoReport()
    {
        static MimeBundle Table(string cell) => new(new Dictionary<string, string> { [MimeBundle.Html] = $"<table><tr><td>{cell}</td></tr></table>" });
        static MimeBundle Data(string json) => new(new Dictionary<string, string> { [MimeBundle.Plotly] = json });
        var other = EventScript.Parse("main begin 1000 plain\nmain end 2000");
        await other.DeliverAsync(lake, () => Task.CompletedTask);
        var naming = new List<string>
        {
            await IdAsync("mail is bob@example.org."),
            await IdAsync("x", Table("bob@example.org")),
            await IdAsync("x", Data("""{"data":[{"x":["bob\u0040example.org"],"y":[1]}]}""")),
            // Charts have what they draw in a form that nobody searches: what they are of tells.
            await IdAsync($"process {script.ProcessId}"),
        };
        var kept = new List<string> { await IdAsync("bob is not erased, nor example.org"), await IdAsync($"process {other.ProcessId}") };
        await EraseAsync("user", "bob@example.org");
        foreach (var id in naming[..3]) Assert.Equal(HttpStatusCode.Gone, (await host.GetAsync($"/reports/{id}/content")).StatusCode);
        foreach (var id in (string[])[naming[3], .. kept]) Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/reports/{id}/content")).StatusCode);
        await EraseAsync("user", "ann@example.org");
        Assert.Equal(HttpStatusCode.Gone, (await host.GetAsync($"/reports/{naming[3]}/content")).StatusCode);
        foreach (var id in kept) Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/reports/{id}/content")).StatusCode);

        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(other.ProcessId, Cancellation), null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, (await host.GetAsync($"/reports/{kept[1]}/content")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/reports/{kept[0]}/content")).StatusCode);
        var (status, sentence) = await ErrorAsync(await PostAsync(TestReport.Write($"process {other.ProcessId}"), ""));
        Assert.Equal((HttpStatusCode.BadRequest, "the report shows a process that was erased; run its notebook again and publish what it shows now"), (status, sentence));
        var objects = new List<string>();
        await foreach (var stored in lake.Store.Objects.ListAsync(StoreNames.ReportsPrefix, Cancellation)) objects.Add(stored.Key);
        Assert.Equal((await lake.Store.Catalog.ReadReportsAsync(Tenant.Default, Cancellation)).Select(report => report.ObjectKey).Order(), objects.Order());

        async Task<string> IdAsync(string text, params MimeBundle[] outputs) => (await PublishAsync(TestReport.Write(text, outputs))).GetProperty("report").GetString()!;

        async Task EraseAsync(string property, string value)
        {
            var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
            await erasure.RunAsync(await erasure.BeginAsync(property, value, Cancellation), null, Cancellation);
        }
    }

    [Fact]
    public async Task AReportThatHasExpiredSaysSoAndItsPageGoesWithTheNextRetention()
    {
        var clock = new ManualClock();
        var reports = new LakeReports(new Lake(lake.Store, Tenant.Default, clock));
        var report = await reports.PublishAsync(TestReport.Bytes("x"), "short", TimeSpan.FromDays(2), "ann", Notebooks.ReadReport, Cancellation);
        clock.Advance(TimeSpan.FromDays(2) - TimeSpan.FromSeconds(1));
        await new RetentionRun(lake.Store, clock).RunAsync(null, Cancellation);
        Assert.Equal([report], await reports.ListAsync("", Cancellation));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await reports.ListAsync("", Cancellation));
        Assert.Contains("expired on", (await Assert.ThrowsAsync<ReportClosedException>(() => reports.OpenAsync(report.ReportId, Cancellation))).Message, StringComparison.Ordinal);
        Assert.True(await lake.Store.Objects.HasAsync(report.ObjectKey, Cancellation));
        await new RetentionRun(lake.Store, clock).RunAsync(null, Cancellation);
        Assert.False(await lake.Store.Objects.HasAsync(report.ObjectKey, Cancellation));
        Assert.Contains("is gone", (await Assert.ThrowsAsync<ReportClosedException>(() => reports.OpenAsync(report.ReportId, Cancellation))).Message, StringComparison.Ordinal);
    }

    async Task<JsonElement> PublishAsync(string html, string query = "")
    {
        var answer = await PostAsync(html, query);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancellation));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    async Task<HttpResponseMessage> PostAsync(string html, string query, string mediaType = "text/html")
    {
        using var content = new StringContent(html, Encoding.UTF8, mediaType);
        return await host.Client.PostAsync("/api/reports" + query, content, Cancellation);
    }

    async Task<string?[]> TitlesAsync(string query) =>
        [.. (await host.Client.GetFromJsonAsync<JsonElement>("/api/reports" + query, Cancellation)).GetProperty("reports").EnumerateArray().Select(report => report.GetProperty("title").GetString())];

    static string Policy(HttpResponseMessage answer) => Header(answer, "Content-Security-Policy");

    static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    static async Task<(HttpStatusCode Status, string Sentence)> ErrorAsync(HttpResponseMessage answer) =>
        (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString()!);
}
