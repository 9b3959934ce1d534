using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

public sealed class LinkTests : IAsyncLifetime
{
    const string Window = "from_ns=1767225600000000000&to_ns=1767225600000030000";

    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main end 2000
        main cut
        main begin 5000 later
        main end 20000
        log 1000 info main first
        log cut
        log 9000 info main second
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static string Process => script.ProcessId.ToString();

    /// <summary>The first block of each stream.</summary>
    public async ValueTask InitializeAsync()
    {
        await lake.AppendAsync(script.Records());
        foreach (var block in Blocks(first: true)) await AppendAsync(block);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task AFrozenLinkShowsWhatWasThereOnEveryPage()
    {
        var address = $"/process/{Process}/logs?q=a%20b&from=1&to=2";
        var link = await MakeAsync(new { address, frozen = true });
        Assert.Equal((address, true, JsonValueKind.Null), (link.GetProperty("address").GetString(), link.GetProperty("frozen").GetBoolean(), link.GetProperty("expires_ns").ValueKind));
        Assert.Equal("/l/" + IdOf(link), link.GetProperty("path").GetString());
        Assert.Equal("text/html", (await host.GetAsync($"/l/{IdOf(link)}")).Content.Headers.ContentType?.MediaType);
        string[] questions = [$"/api/processes/{Process}/logs", $"/api/processes/{Process}/logs/buckets?{Window}", $"/api/processes/{Process}/find?text=e", $"/api/processes/{Process}/merged?{Window}&mode=left-heavy", $"/tiles/{Process}", $"/api/processes/{Process}/series", $"/api/processes/{Process}/async?{Window}", $"/api/processes/{Process}/graph?{Window}"];
        var before = new List<string>();
        foreach (var question in questions) before.Add(await TextAsync(question));

        foreach (var block in Blocks(first: false)) await AppendAsync(block);
        var after = new List<string>();
        foreach (var question in questions) after.Add(await TextAsync(question));
        var frozen = new List<string>();
        foreach (var question in questions) frozen.Add(await TextAsync(WithLink(question, IdOf(link))));
        Assert.True(before.Zip(after).Count(pair => pair.First != pair.Second) >= 5);
        // Pieces that were built for the link have names of their own.
        Assert.Equal(before.Select(Known), frozen.Select(Known));
        var tile = $"/tiles/{Process}/0/0/{TileGrid.Index(0, 1767225600000000000)}";
        var group = JsonDocument.Parse(frozen[4]).RootElement.GetProperty("groups")[0];
        var drawn = await host.GetAsync(WithLink($"{tile}?g={group.GetProperty("g").GetString()}", IdOf(link)));
        Assert.Contains("immutable", drawn.Headers.CacheControl?.ToString());
        Assert.NotEqual(await drawn.Content.ReadAsByteArrayAsync(Cancellation), await (await host.GetAsync(tile)).Content.ReadAsByteArrayAsync(Cancellation));

        // A link of what a frozen one shows shows the same, and its address does not name the other.
        var second = await MakeAsync(new { address = WithLink(address, IdOf(link)), frozen = true });
        Assert.Equal(address, second.GetProperty("address").GetString());
        Assert.Equal(before[0], await TextAsync(WithLink(questions[0], IdOf(second))));
        Assert.Equal(after[0], await TextAsync(WithLink(questions[0], IdOf(await MakeAsync(new { address, frozen = true })))));
        Assert.Equal(after[0], await TextAsync(WithLink(questions[0], IdOf(await MakeAsync(new { address, frozen = false })))));

        static string Known(string answer) => System.Text.RegularExpressions.Regex.Replace(answer, "\"g\":\"[0-9a-f]+\"", "");
    }

    [Fact]
    public async Task WhatHasExpiredOrWasErasedIsSaid()
    {
        var link = IdOf(await MakeAsync(new { address = $"/process/{Process}/logs", frozen = true, days = 2.5 }));
        // Making one forgets those that expired as long ago as this.
        var expired = new LinkRow(LinkRow.NewId(), script.ProcessId, $"/process/{Process}/logs", 1, 1, "ann", 1_700_000_000_000_000_000);
        Assert.True(await lake.Store.Catalog.AddLinkAsync(Tenant.Default, expired, Cancellation));
        Assert.Equal((HttpStatusCode.Gone, $"the link '{expired.LinkId}' expired on 2023-11-14 22:13 UTC"), await ErrorAsync($"/api/links/{expired.LinkId}"));
        Assert.Equal(HttpStatusCode.Gone, (await ErrorAsync(WithLink("/api/processes", expired.LinkId))).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/api/links/{link}")).StatusCode);

        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(script.ProcessId, Cancellation), null, Cancellation);
        var (status, sentence) = await ErrorAsync($"/api/links/{link}");
        Assert.Equal(HttpStatusCode.Gone, status);
        Assert.Contains("was erased", sentence);
        Assert.Equal(HttpStatusCode.Gone, (await ErrorAsync(WithLink($"/api/processes/{Process}/logs", link))).Status);
        Assert.Equal((HttpStatusCode.NotFound, "there is no link '222222222222' in this lake, or it is another tenant's"), await ErrorAsync("/api/links/222222222222"));
        Assert.Equal(HttpStatusCode.NotFound, (await ErrorAsync("/api/links/%3Cscript%3E")).Status);
    }

    [Fact]
    public async Task AQueryHasALinkThatAnErasedValueTakesAlong()
    {
        const string Address = "/query?view=chart&sql=SELECT+*+FROM+log_entries+WHERE+message+%3D+%27";
        var link = IdOf(await MakeAsync(new { address = Address + "hello%27", frozen = false, days = 1 }));
        Assert.Equal(Address + "hello%27", JsonDocument.Parse(await TextAsync($"/api/links/{link}")).RootElement.GetProperty("address").GetString());
        var naming = IdOf(await MakeAsync(new { address = Address + "mail%40example.org%27", frozen = false }));
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync("user", "mail@example.org", Cancellation), null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, (await ErrorAsync($"/api/links/{naming}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/api/links/{link}")).StatusCode);
    }

    [Fact]
    public async Task AValueThatIsErasedIsInNoLink()
    {
        var searching = IdOf(await MakeAsync(new { address = $"/process/{Process}/logs?q=of+mail%40example.org", frozen = false }));
        var other = IdOf(await MakeAsync(new { address = $"/process/{Process}/logs?q=mail", frozen = false }));
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync("user", "mail@example.org", Cancellation), null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, (await ErrorAsync($"/api/links/{searching}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/api/links/{other}")).StatusCode);
    }

    [Theory]
    [InlineData("""{"address": "https://example.org/"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "//example.org/"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/process/nonsense/logs"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/sign-in?next=/"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/\nx"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/process/00000000-0000-0000-0000-000000000001/logs"}""", 404, "there is no process")]
    [InlineData("""{"address": "/process/00000000-0000-0000-0000-000000000001/logs", "frozen": true}""", 404, "there is no process")]
    [InlineData("""{"address": "/", "frozen": true}""", 400, "expected the page of a process")]
    [InlineData("""{"address": "/", "frozen": 1}""", 400, "saw other fields")]
    [InlineData("""{"address": "/query?sql=SELECT+1", "frozen": true}""", 400, "expected the page of a process")]
    [InlineData("""{"address": "/query/x"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/queryx"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/query?sql=SELECT 1"}""", 400, "expected an address of the viewer")]
    [InlineData("""{"address": "/", "days": 0}""", 400, "expected a link to open for a time")]
    [InlineData("""{"address": "/", "days": 1e300}""", 400, "saw other fields")]
    [InlineData("""{"address": "/?link=222222222222"}""", 404, "there is no link")]
    [InlineData("""{}""", 400, "saw other fields")]
    [InlineData("[]", 400, "expected a JSON object, saw Array")]
    [InlineData("{", 400, "expected JSON")]
    public async Task WhatIsNoLinkIsRefusedInASentence(string body, int status, string expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await host.Client.PostAsync("/api/links", content, Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(expected, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString());
        Assert.Empty(await lake.Store.Catalog.ReadLinksAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task PagesOfOtherSitesMakeNone()
    {
        using var form = new StringContent("""{"address": "/"}""", Encoding.UTF8, "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.PostAsync("/api/links", form, Cancellation)).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/links") { Content = new StringContent("""{"address": "/"}""", Encoding.UTF8, "application/json"), Headers = { { "Sec-Fetch-Site", "same-site" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.SendAsync(request, Cancellation)).StatusCode);
        using var large = new StringContent($$"""{"address": "/?{{new string('x', 100_000)}}"}""", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.PostAsync("/api/links", large, Cancellation)).StatusCode);
        Assert.Empty(await lake.Store.Catalog.ReadLinksAsync(Tenant.Default, Cancellation));
    }

    static IEnumerable<byte[]> Blocks(bool first) => ((string[])["main", "log"]).SelectMany(stream => first ? script.BlocksOf(stream).Take(1) : script.BlocksOf(stream).Skip(1)).Select(block => block.Bytes);

    static string IdOf(JsonElement link) => link.GetProperty("link").GetString()!;

    static string WithLink(string path, string link) => $"{path}{(path.Contains('?') ? '&' : '?')}link={link}";

    async Task<JsonElement> MakeAsync(object link)
    {
        using var content = JsonContent.Create(link);
        await content.LoadIntoBufferAsync(Cancellation);
        var answer = await host.Client.PostAsync("/api/links", content, Cancellation);
        Assert.Equal((HttpStatusCode.Created, "no-store"), (answer.StatusCode, answer.Headers.CacheControl?.ToString()));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    async Task<string> TextAsync(string path)
    {
        var answer = await host.GetAsync(path);
        Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    async Task<(HttpStatusCode Status, string Sentence)> ErrorAsync(string path)
    {
        var answer = await host.GetAsync(path);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString()!);
    }

    async Task AppendAsync(byte[] block)
    {
        var batch = new BatchWriter();
        batch.AddBlock(block);
        await lake.AppendAsync(batch);
    }
}
