using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace Legion.Tests.Access;

/// <summary>Every route, with every kind of key and token, of the tenant that has the data and of another.</summary>
public sealed class AccessMatrixTests : IAsyncLifetime
{
    static readonly Tenant other = new("other");

    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner
        main end 5000
        main end 20000
        log 1000 info main "hello"
        """);

    static readonly string window = "from_ns=1767225600000000000&to_ns=1767225600000030000";

    const string LinkId = "2222bbbb2222";
    const string ReportId = "3333bbbb3333", DoomedId = "4444bbbb4444";

    static string Process => script.ProcessId.ToString();

    /// <param name="Needed">Null where no key is needed.</param>
    /// <param name="Own">Status for whom the process is.</param>
    /// <param name="Other">Status for another tenant.</param>
    sealed record Route(string Method, string Pattern, string Path, KeyRole? Needed, int Own, int Other, Func<HttpContent>? Body = null);

    static readonly Route[] routes =
    [
        new("POST", "/v1/append", "/v1/append", KeyRole.Ingest, 200, 200, Heartbeat),
        .. ((string[])["/v1/traces", "/v1/metrics", "/v1/logs"]).Select(path => new Route("POST", path, path, KeyRole.Ingest, 200, 200, Export)),
        // Of gRPC this client knows nothing, which it hears once it has been let in.
        .. ((string[])["trace.v1.TraceService", "metrics.v1.MetricsService", "logs.v1.LogsService"]).Select(service => $"/opentelemetry.proto.collector.{service}/Export")
            .Select(path => new Route("POST", path, path, KeyRole.Ingest, 426, 426, Export)),
        .. ((string[])["Handshake", "ListFlights", "GetFlightInfo", "PollFlightInfo", "GetSchema", "DoGet", "DoPut", "DoExchange", "DoAction", "ListActions"]).Select(method => $"/arrow.flight.protocol.FlightService/{method}")
            .Select(path => new Route("POST", path, path, KeyRole.Read, 415, 415, Export)),
        new("POST", "/v1/commands", "/v1/commands", KeyRole.Admin, 202, 404, Command),
        new("GET", "/v1/health", "/v1/health", null, 200, 200),
        .. Both("/health", "/health", null, 200, 200),
        .. Both("/ready", "/ready", null, 200, 200),
        .. Both("/metrics", "/metrics", null, 200, 200), // as the tests are of this machine
        new("POST", "/sign-in", "/sign-in", null, 303, 303, () => new FormUrlEncodedContent([])),
        new("POST", "/sign-out", "/sign-out", null, 303, 303, () => new FormUrlEncodedContent([])),
        .. Both("/", "/", null, 200, 200),
        .. Both("/sign-in", "/sign-in", null, 200, 200),
        .. Both("/process/{**path}", $"/process/{Process}/logs", null, 200, 200),
        .. Both("/query", "/query", null, 200, 200),
        .. Both("/assets/{file}", "/assets/none.js", null, 404, 404),
        .. Both("/cells/{file}", "/cells/flame.js", null, 200, 200),
        .. Both("/api/processes", "/api/processes", KeyRole.Read, 200, 200),
        .. Both("/api/processes/live", "/api/processes/live", KeyRole.Read, 200, 200),
        .. OfProcess("/api/processes/{process}", $"/api/processes/{Process}"),
        .. OfProcess("/api/processes/{process}/health", $"/api/processes/{Process}/health"),
        .. OfProcess("/api/processes/{process}/attachments", $"/api/processes/{Process}/attachments"),
        .. OfProcess("/api/processes/{process}/attachments/buckets", $"/api/processes/{Process}/attachments/buckets?{window}"),
        .. OfProcess("/api/processes/{process}/attachments/{attachment}", $"/api/processes/{Process}/attachments/{Guid.Empty}", own: 404),
        .. OfProcess("/api/processes/{process}/logs", $"/api/processes/{Process}/logs"),
        .. OfProcess("/api/processes/{process}/logs/buckets", $"/api/processes/{Process}/logs/buckets?{window}"),
        .. OfProcess("/api/processes/{process}/logs/rows", $"/api/processes/{Process}/logs/rows?first=0"),
        .. OfProcess("/api/processes/{process}/logs/counts", $"/api/processes/{Process}/logs/counts"),
        .. OfProcess("/api/processes/{process}/logs/patterns", $"/api/processes/{Process}/logs/patterns"),
        .. OfProcess("/api/processes/{process}/series", $"/api/processes/{Process}/series"),
        .. OfProcess("/api/processes/{process}/series/buckets", $"/api/processes/{Process}/series/buckets?{window}&name=a"),
        .. OfProcess("/api/processes/{process}/live", $"/api/processes/{Process}/live"),
        .. OfProcess("/api/processes/{process}/markers", $"/api/processes/{Process}/markers?{window}"),
        .. OfProcess("/api/processes/{process}/async", $"/api/processes/{Process}/async?{window}"),
        .. OfProcess("/api/processes/{process}/async/{span}", $"/api/processes/{Process}/async/1", own: 404),
        .. OfProcess("/api/processes/{process}/async/{span}/links", $"/api/processes/{Process}/async/1/links"),
        .. OfProcess("/api/processes/{process}/spans/{stream}/{span}", $"/api/processes/{Process}/spans/{Guid.Empty}/0", own: 404),
        .. OfProcess("/api/processes/{process}/spans/{stream}/{span}/links", $"/api/processes/{Process}/spans/{Guid.Empty}/0/links"),
        .. OfProcess("/api/processes/{process}/merged", $"/api/processes/{Process}/merged?{window}&mode=left-heavy"),
        .. OfProcess("/api/processes/{process}/graph", $"/api/processes/{Process}/graph?{window}"),
        .. OfProcess("/api/processes/{process}/graph/functions", $"/api/processes/{Process}/graph/functions?{window}"),
        .. OfProcess("/api/processes/{process}/graph/calls", $"/api/processes/{Process}/graph/calls?{window}"),
        .. OfProcess("/api/processes/{process}/statistics", $"/api/processes/{Process}/statistics?{window}"),
        .. OfProcess("/api/processes/{process}/durations", $"/api/processes/{Process}/durations?{window}&name=inner"),
        .. OfProcess("/api/processes/{process}/find", $"/api/processes/{Process}/find?text=inner"),
        .. OfProcess("/api/processes/{process}/find/density", $"/api/processes/{Process}/find/density?text=inner&{window}"),
        .. Both("/l/{link}", $"/l/{LinkId}", null, 200, 200),
        .. Both("/api/views", "/api/views", KeyRole.Read, 200, 200),
        .. Both("/api/queries", "/api/queries", KeyRole.Read, 200, 200),
        new("POST", "/api/query", "/api/query", KeyRole.Read, 200, 404, Sql),
        new("POST", "/api/links", "/api/links", KeyRole.Read, 201, 404, Link),
        .. Both("/api/links/{link}", $"/api/links/{LinkId}", KeyRole.Read, 200, 404),
        .. Both("/reports", "/reports", null, 200, 200),
        .. Both("/report/{report}", $"/report/{ReportId}", null, 200, 200),
        .. Both("/reports/{report}/content", $"/reports/{ReportId}/content", KeyRole.Read, 200, 404),
        .. Both("/api/reports", "/api/reports", KeyRole.Read, 200, 200),
        .. Both("/api/reports/{report}", $"/api/reports/{ReportId}", KeyRole.Read, 200, 404),
        new("POST", "/api/reports", "/api/reports", KeyRole.Read, 201, 201, Page),
        // Only who published it and administrators may: see below.
        new("DELETE", "/api/reports/{report}", "/api/reports/5555bbbb5555", KeyRole.Read, 404, 404),
        .. OfProcess("/tiles/{process}", $"/tiles/{Process}"),
        .. OfProcess("/tiles/{process}/{group}/{level}/{index}", $"/tiles/{Process}/0/0/0"),
    ];

    readonly TokenIssuerServer issuer = new();
    readonly ServedKeys service = new();

    DateTimeOffset Now => service.Clock.GetUtcNow();

    public static TheoryData<string, string> Routes => [.. routes.Select(route => (route.Method, route.Pattern))];

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(service.Lake, beforeLate: () => Task.CompletedTask);
        await service.Lake.Store.Catalog.AddLinkAsync(Tenant.Default, new LinkRow(LinkId, script.ProcessId, $"/process/{Process}/logs", null, 1, "ann", null), TestContext.Current.CancellationToken);
        foreach (var id in (string[])[ReportId, DoomedId])
        {
            var key = StoreNames.ReportObject(new ReportObjectName(20_000, Tenant.Default, Guid.CreateVersion7()));
            await service.Lake.Store.Objects.PutAsync(key, ["<p>"u8.ToArray()], TestContext.Current.CancellationToken);
            await service.Lake.Store.Catalog.AddReportAsync(Tenant.Default, new ReportRow(id, "shown", 1, "ann", null, key, 3, Convert.ToHexStringLower(SHA256.HashData("<p>"u8)), ""), [], TestContext.Current.CancellationToken);
        }
        await issuer.InitializeAsync();
        service.Issuers = [issuer.Issuer];
        await service.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public void EveryRouteIsInTheMatrix()
    {
        var mapped = ((IEndpointRouteBuilder)service.App).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        Assert.Equal(routes.Select(route => $"{route.Method} {route.Pattern}").Order(), mapped.Order());
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task ARouteIsOpenToThoseItIsFor(string method, string pattern)
    {
        var route = routes.Single(one => one.Method == method && one.Pattern == pattern);
        var refusals = new HashSet<string>();
        foreach (var tenant in (Tenant[])[Tenant.Default, other])
        {
            var keys = new Dictionary<KeyRole, string>();
            foreach (var role in Enum.GetValues<KeyRole>()) keys[role] = await service.NewKeyAsync(role, tenant);
            var good = keys[KeyRole.Admin];
            (string What, string? Key)[] bad =
            [
                ("no key", null),
                ("garbage", "nonsense"),
                ("nothing", ""),
                ("an unknown key", ApiKey.Create().Reveal()),
                ("another secret", good[..^64] + ApiKey.Create().Reveal()[^64..]),
                ("an expired key", await service.NewKeyAsync(KeyRole.Admin, tenant, expiresNs: service.NowNs)),
                ("a revoked key", await service.NewKeyAsync(KeyRole.Admin, tenant, isRevoked: true)),
                ("a forged token", issuer.Token(KeyRole.Admin, tenant, Now, key: IssuerKey.EllipticCurve("first"))),
                ("an expired token", issuer.Token(KeyRole.Admin, tenant, Now.AddHours(-1))),
                ("a token for others", issuer.Token(KeyRole.Admin, tenant, Now, claims: claims => claims["aud"] = "others")),
            ];
            var expected = tenant == other ? route.Other : route.Own;
            foreach (var (what, key) in bad)
            {
                var seen = await SendAsync(route, key);
                Assert.True(seen.Status == (route.Needed is null ? expected : 401), $"{tenant}, {what}: {seen}");
                if (route.Needed is null) continue;
                Assert.StartsWith("Bearer realm=", seen.Challenge);
                Assert.Equal("application/json", seen.MediaType);
                if (key is not null && method != "HEAD") refusals.Add(seen.Body + seen.Challenge);
            }
            foreach (var (role, shown) in Enum.GetValues<KeyRole>().SelectMany(role => (string[])[keys[role], issuer.Token(role, tenant, Now)], (role, shown) => (role, shown)))
            {
                var seen = await SendAsync(route, shown);
                var isLetIn = route.Needed is null || route.Needed == role || role == KeyRole.Admin;
                Assert.True(seen.Status == (isLetIn ? expected : 403), $"{tenant}, {role}: {seen}");
                if (!isLetIn && method != "HEAD") Assert.Contains($"saw one of role {role.Name()}", seen.Error(), StringComparison.Ordinal);
                // What is another's is unknown, and not forbidden: nobody learns what exists.
                if (expected == 404 && isLetIn && route.Needed == KeyRole.Read && method == "GET")
                    Assert.Equal(tenant == other, ((string[])[$"there is no process '{Process}'", $"there is no link '{LinkId}'", $"there is no report '{ReportId}'"]).Any(unknown => seen.Error().StartsWith(unknown, StringComparison.Ordinal)));
            }
        }
        // Whether a key is unknown, expired or revoked is not said.
        Assert.Equal(route.Needed is null || method == "HEAD" ? 0 : 1, refusals.Count);
    }

    [Fact]
    public async Task AListHasOnlyWhatIsTheTenants()
    {
        var own = await service.SendAsync(HttpMethod.Get, "/api/processes", await service.NewKeyAsync(KeyRole.Read));
        var others = await service.SendAsync(HttpMethod.Get, "/api/processes", await service.NewKeyAsync(KeyRole.Read, other));
        Assert.Contains(Process, own.Body, StringComparison.Ordinal);
        Assert.Equal("""{"processes":[]}""", others.Body);
    }

    [Fact]
    public async Task AReportIsRemovedByItsAuthorAndByAdministrators()
    {
        var (author, reader, admin, stranger) = (await service.NewKeyAsync(KeyRole.Read), await service.NewKeyAsync(KeyRole.Read), await service.NewKeyAsync(KeyRole.Admin), await service.NewKeyAsync(KeyRole.Admin, other));
        var published = JsonDocument.Parse((await service.SendAsync(HttpMethod.Post, "/api/reports?title=mine", author, Page())).Body).RootElement;
        var path = "/api/reports/" + published.GetProperty("report").GetString();
        Assert.True(published.GetProperty("removable").GetBoolean());
        Assert.Equal((false, true), (await MayRemoveAsync(reader, path), await MayRemoveAsync(admin, path)));
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Delete, path, stranger)).Status);
        var refused = await service.SendAsync(HttpMethod.Delete, path, reader);
        Assert.Equal((403, "expected the key of who published the report, or one of role admin, saw another"), (refused.Status, refused.Error()));
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Delete, path, author, null, ("Sec-Fetch-Site", "same-site"))).Status);
        // A browser's key counts where a page of ours asks, and not without that.
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Delete, path, null, null, ("Cookie", $"legion_key={author}"))).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Delete, path, null, null, ("Cookie", $"legion_key={author}"), ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(410, (await service.SendAsync(HttpMethod.Get, path, author)).Status);
        Assert.Equal(410, (await service.SendAsync(HttpMethod.Delete, path, author)).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Delete, "/api/reports/" + DoomedId, admin)).Status);
        Assert.DoesNotContain(DoomedId, (await service.SendAsync(HttpMethod.Get, "/api/reports", reader)).Body, StringComparison.Ordinal);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Post, "/api/reports", null, Page(), ("Cookie", $"legion_key={author}"), ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal("{\"total\":0,\"reports\":[]}", (await service.SendAsync(HttpMethod.Get, "/api/reports", stranger)).Body);
    }

    async Task<bool> MayRemoveAsync(string key, string path) => JsonDocument.Parse((await service.SendAsync(HttpMethod.Get, path, key)).Body).RootElement.GetProperty("removable").GetBoolean();

    Task<ServedKeys.Seen> SendAsync(Route route, string? key) => service.SendAsync(new HttpMethod(route.Method), route.Path, key, route.Body?.Invoke());

    static Route[] Both(string pattern, string path, KeyRole? needed, int own, int other) =>
        [.. ((string[])["GET", "HEAD"]).Select(method => new Route(method, pattern, path, needed, own, other))];

    static Route[] OfProcess(string pattern, string path, int own = 200) => Both(pattern, path, KeyRole.Read, own, 404);

    static HttpContent Heartbeat()
    {
        var content = new ByteArrayContent(new BatchWriter().ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(Batch.MediaType);
        return content;
    }

    static HttpContent Export()
    {
        var content = new ByteArrayContent([]);
        content.Headers.ContentType = new MediaTypeHeaderValue(ArrivalRow.Protobuf);
        return content;
    }

    static HttpContent Sql() => new StringContent($$"""{"sql": "SELECT name FROM spans WHERE process_id = '{{Process}}'"}""", Encoding.UTF8, "application/json");

    static HttpContent Link() => new StringContent($$"""{"address": "/process/{{Process}}/logs", "frozen": true}""", Encoding.UTF8, "application/json");

    static HttpContent Page() => new StringContent("<meta http-equiv=\"Content-Security-Policy\"><title>t</title><main></main>", Encoding.UTF8, "text/html");

    static HttpContent Command()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
            SignedCommand.Sign(new RemoteCommand { ProcessId = script.ProcessId, Number = 1, TimeToLive = TimeSpan.FromSeconds(60), MinimumLevel = Level.Debug }, key).Write(json);
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
