using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Access;

public sealed class KeyTests : IAsyncLifetime
{
    static readonly Tenant one = new("one"), two = new("two");

    readonly ServedKeys service = new(app => app.MapGet("/forgotten", () => "secret"));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ICatalog Catalog => service.Lake.Store.Catalog;

    public ValueTask InitializeAsync() => service.InitializeAsync();

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task ARevokedKeyIsRefusedWithinAMinuteAndLookedUpTwiceAMinute()
    {
        var key = await service.NewKeyAsync(KeyRole.Read);
        Assert.Equal(200, await StatusAsync(key));
        Assert.True(await Catalog.RevokeKeyAsync(Id(key), service.NowNs, "test", Cancellation));
        service.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(200, await StatusAsync(key));
        service.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(401, await StatusAsync(key));
    }

    [Fact]
    public async Task AKeyIsRefusedTheMomentItExpires()
    {
        var key = await service.NewKeyAsync(KeyRole.Read, expiresNs: service.NowNs + 10_000_000_000);
        service.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(200, await StatusAsync(key));
        service.Clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(401, await StatusAsync(key));
    }

    [Fact]
    public async Task ARouteThatSaysNothingOfItselfIsForNobody()
    {
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Get, "/forgotten", null)).Status);
        var seen = await service.SendAsync(HttpMethod.Get, "/forgotten", await service.NewKeyAsync(KeyRole.Admin));
        Assert.Equal((403, "no key opens this"), (seen.Status, seen.Error()));
    }

    [Fact]
    public async Task ACatalogThatCannotBeAskedMeansLaterAndNotNever()
    {
        var (known, unseen) = (await service.NewKeyAsync(KeyRole.Read), await service.NewKeyAsync(KeyRole.Read));
        Assert.Equal(200, await StatusAsync(known));
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(service.Lake.Folder, StoreNames.CatalogFile)}"))
            await connection.ExecuteAsync("DROP TABLE api_keys");
        Assert.Equal(200, await StatusAsync(known));
        Assert.Equal(503, await StatusAsync(unseen));
        Assert.Equal(503, (await SignInAsync(unseen)).Status);
        Assert.Equal(401, await StatusAsync("nonsense"));
        service.Clock.Advance(TimeSpan.FromSeconds(31));
        var seen = await service.SendAsync(HttpMethod.Get, "/api/processes", known);
        Assert.Equal((503, "keys cannot be looked up at the moment; try again"), (seen.Status, seen.Error()));
    }

    [Fact]
    public async Task AnothersProcessCanNeitherBeAppendedToNorChanged()
    {
        var recording = new Recording();
        var block = recording.Block();
        Assert.Equal(200, await AppendAsync(one, recording.Batch(block)));

        var more = new BatchWriter();
        more.AddBlock(recording.Block());
        Assert.Equal(424, await AppendAsync(two, more));
        // Even with records that claim it, what arises is the other tenant's own.
        var claimed = new BatchWriter();
        claimed.Add(recording.Process with { Version = 9, Exe = "stolen" });
        claimed.Add(recording.Stream);
        claimed.Add(WellKnown.Schema);
        claimed.AddBlock(recording.Block(spans: 9, id: Recording.IdOf(block)));
        Assert.Equal(200, await AppendAsync(two, claimed));

        Assert.Equal("game", Assert.Single(await Catalog.ReadProcessesAsync(one, null, Cancellation)).Exe);
        Assert.Equal(6u, Assert.Single(await Catalog.ReadBlocksAsync(one, null, Cancellation)).Events);
        Assert.Equal(18u, Assert.Single(await Catalog.ReadBlocksAsync(two, null, Cancellation)).Events);
        Assert.Empty(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
        Assert.All(Directory.EnumerateFiles(Path.Combine(service.Lake.Folder, "blocks"), "*", SearchOption.AllDirectories), file => Assert.Matches("/(one|two)/", file));
    }

    [Fact]
    public async Task TheSecretIsNowhereInTheLake()
    {
        var key = await service.NewKeyAsync(KeyRole.Admin);
        Assert.Equal(200, await StatusAsync(key));
        Assert.Equal(303, (await SignInAsync(key)).Status);
        var files = Directory.EnumerateFiles(service.Lake.Folder, "*", SearchOption.AllDirectories).Select(ReadShared).ToList();
        Assert.Contains(files, bytes => Contains(bytes, Encoding.ASCII.GetBytes(Id(key))));
        Assert.DoesNotContain(files, bytes => Contains(bytes, Encoding.ASCII.GetBytes(key[^64..])) || Contains(bytes, Convert.FromHexString(key[^64..])));
    }

    [Fact]
    public async Task EveryChangeIsAnAuditRowAndOnceOnly()
    {
        var key = await service.NewKeyAsync(KeyRole.Ingest, one, expiresNs: 7);
        service.Clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 2; i++) Assert.True(await Catalog.RevokeKeyAsync(Id(key), service.NowNs + i, "somebody", Cancellation));
        Assert.False(await Catalog.RevokeKeyAsync("0000", service.NowNs, "somebody", Cancellation));
        Assert.Equal(
            [
                new AuditRow(service.NowNs - 1_000_000_000, one, "test", "key.create", Id(key), """{"expires_ns":7,"name":"","role":"ingest"}"""),
                new AuditRow(service.NowNs, one, "somebody", "key.revoke", Id(key), "{}"),
            ],
            await Catalog.ReadAuditAsync(null, Cancellation));
        Assert.Empty(await Catalog.ReadAuditAsync(two, Cancellation));
        Assert.Equal(service.NowNs, Assert.Single(await Catalog.ReadKeysAsync(one, Cancellation)).RevokedNs);
        Assert.Empty(await Catalog.ReadKeysAsync(two, Cancellation));
    }

    [Fact]
    public void AKeyIsReadAsItIsWrittenAndInNoOtherWay()
    {
        var key = ApiKey.Create();
        var text = key.Reveal();
        Assert.True(ApiKey.TryParse(text, out var read));
        Assert.Equal(key.Id, read.Id);
        Assert.True(read.Matches(key.Hash()));
        Assert.False(read.Matches(ApiKey.Create().Hash()));
        Assert.DoesNotContain(text[^64..], key.ToString(), StringComparison.Ordinal);
        foreach (var wrong in (string[])["", "lgn_", text[..^1], text + "0", text.ToUpperInvariant(), text.Replace('_', '-'), text[..^1] + "g", " " + text[1..]])
            Assert.False(ApiKey.TryParse(wrong, out _), wrong);
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => ApiKey.Create().Reveal()).Distinct().Count());
    }

    [Fact]
    public async Task ACookieOfTheSignInFormIsGoodForLookingAlone()
    {
        var key = await service.NewKeyAsync(KeyRole.Admin);
        var signedIn = await SignInAsync(key, "/process/1/logs?q=a%20b");
        Assert.Equal((303, "/process/1/logs?q=a%20b"), (signedIn.Status, signedIn.Location));
        var parts = signedIn.Cookie!.Split("; ");
        Assert.Equal(["httponly", "path=/", "samesite=strict"], parts[1..].Order());

        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, "/api/processes", null, null, ("Cookie", parts[0]))).Status);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Post, "/v1/commands", null, null, ("Cookie", parts[0]))).Status);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Post, "/v1/append", null, null, ("Cookie", parts[0]))).Status);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Get, "/api/processes", "nonsense", null, ("Cookie", parts[0]))).Status);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Get, "/api/processes?key=" + key, null)).Status);

        // And for a question in SQL and a link of what is seen, where the browser says that a page of this service asks.
        foreach (var (site, status) in ((string?, int)[])[("same-origin", 201), ("same-site", 401), ("cross-site", 401), ("none", 401), (null, 401)])
        {
            (string, string)[] headers = site is null ? [("Cookie", parts[0])] : [("Cookie", parts[0]), ("Sec-Fetch-Site", site)];
            Assert.Equal((site, status), (site, (await service.SendAsync(HttpMethod.Post, "/api/links", null, new StringContent("""{"address": "/"}""", Encoding.UTF8, "application/json"), headers)).Status));
            Assert.Equal((site, status == 201 ? 200 : status), (site, (await service.SendAsync(HttpMethod.Post, "/api/query", null, new StringContent("""{"sql": "SELECT 1"}""", Encoding.UTF8, "application/json"), headers)).Status));
            Assert.Equal(401, (await service.SendAsync(HttpMethod.Post, "/v1/commands", null, null, headers)).Status);
        }
    }

    [Fact]
    public async Task SigningOutHasTheBrowserForgetTheKey()
    {
        var seen = await service.SendAsync(HttpMethod.Post, "/sign-out", null, new FormUrlEncodedContent([]));
        Assert.Equal((303, "/sign-in"), (seen.Status, seen.Location));
        Assert.StartsWith("legion_key=; expires=Thu, 01 Jan 1970 ", seen.Cookie, StringComparison.Ordinal);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, "/sign-out", null, new FormUrlEncodedContent([]), ("Sec-Fetch-Site", "cross-site"))).Status);
    }

    [Fact]
    public async Task BehindAKnownProxyThatSpeaksTlsTheCookieIsSecure()
    {
        await using var proxied = new ServedKeys { Proxies = [new IPNetwork(IPAddress.Loopback, 32)] };
        await proxied.InitializeAsync();
        foreach (var (of, isSecure) in ((ServedKeys, bool)[])[(proxied, true), (service, false)])
        {
            using var form = Form(await of.NewKeyAsync(KeyRole.Read), "/");
            var seen = await of.SendAsync(HttpMethod.Post, "/sign-in", null, form, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.1"));
            Assert.Equal(isSecure, seen.Cookie!.Split("; ").Contains("secure"));
        }
    }

    [Fact]
    public async Task TheSignInFormRefusesWhatOpensNothing()
    {
        var ingest = await service.NewKeyAsync(KeyRole.Ingest);
        var expired = await service.NewKeyAsync(KeyRole.Read, expiresNs: service.NowNs);
        foreach (var key in (string[])["", "nonsense", ingest, expired, ApiKey.Create().Reveal()])
        {
            var seen = await SignInAsync(key, "/process/1");
            Assert.Equal((303, "/sign-in?refused=1&next=%2Fprocess%2F1", null), (seen.Status, seen.Location, seen.Cookie));
        }
        using var form = Form(await service.NewKeyAsync(KeyRole.Read), "/");
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, "/sign-in", null, form, ("Sec-Fetch-Site", "cross-site"))).Status);
        using var huge = Form(new string('a', 20_000), "/");
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Post, "/sign-in", null, huge)).Status);
    }

    [Fact]
    public async Task SignInsAreAuditedAndRefusedOnesAtMostOnceInTenSeconds()
    {
        var (read, ingest) = (await service.NewKeyAsync(KeyRole.Read, new Tenant("one")), await service.NewKeyAsync(KeyRole.Ingest, new Tenant("two")));
        var before = (await service.Lake.Store.Catalog.ReadAuditAsync(null, TestContext.Current.CancellationToken)).Count;
        await SignInAsync(read);
        for (var i = 0; i < 4; i++) await SignInAsync("nonsense");
        service.Clock.Advance(TimeSpan.FromSeconds(10));
        await SignInAsync(ingest);
        var rows = (await service.Lake.Store.Catalog.ReadAuditAsync(null, TestContext.Current.CancellationToken)).Skip(before);
        Assert.Equal(
            [
                ("one", $"key {Id(read)}", "sign-in", """{"address":"127.0.0.1"}"""),
                ("system", "somebody unknown", "sign-in.refused", """{"address":"127.0.0.1"}"""),
                ("two", $"key {Id(ingest)}", "sign-in.refused", """{"address":"127.0.0.1","others":3}"""),
            ],
            rows.Select(row => (row.Tenant.Name, row.Actor, row.Action, row.Detail)));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/a\r\nSet-Cookie: a=b")]
    [InlineData("")]
    public async Task TheSignInFormLeadsNowhereElse(string next) =>
        Assert.Equal("/", (await SignInAsync(await service.NewKeyAsync(KeyRole.Read), next)).Location);

    static string Id(string key) => key.Split('_')[1];

    static FormUrlEncodedContent Form(string key, string next) => new([new("key", key), new("next", next)]);

    Task<ServedKeys.Seen> SignInAsync(string key, string next = "/") => service.SendAsync(HttpMethod.Post, "/sign-in", null, Form(key, next));

    async Task<int> StatusAsync(string key) => (await service.SendAsync(HttpMethod.Get, "/api/processes", key)).Status;

    async Task<int> AppendAsync(Tenant tenant, BatchWriter batch)
    {
        var content = new ByteArrayContent(batch.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(Batch.MediaType);
        return (await service.SendAsync(HttpMethod.Post, "/v1/append", await service.NewKeyAsync(KeyRole.Ingest, tenant), content)).Status;
    }

    static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    static bool Contains(byte[] bytes, byte[] sought) => bytes.AsSpan().IndexOf(sought) >= 0;
}
