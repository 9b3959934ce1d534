using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Legion.Cli.Serving.Tokens;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Access;

/// <summary>Tokens of OpenID Connect issuers: which are accepted, and that no other is.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    static readonly Tenant one = new("one");

    readonly TokenIssuerServer issuer = new();
    readonly ServedKeys service = new();

    DateTimeOffset Now => service.Clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
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
    public async Task GoodTokensOfEachAlgorithmAreAccepted()
    {
        issuer.Keys.Add(IssuerKey.Rsa("second"));
        foreach (var key in issuer.Keys) Assert.Equal(200, await StatusAsync(issuer.Token(KeyRole.Read, one, Now, key: key)));
        Assert.Equal(200, await StatusAsync(issuer.Token(KeyRole.Read, one, Now, header: head => head["typ"] = "at+jwt")));
        Assert.Equal(200, await StatusAsync(issuer.Token(KeyRole.Read, one, Now, header: head => head.Remove("typ"))));
        Assert.Equal(200, await StatusAsync(issuer.Token(KeyRole.Read, one, Now, claims: claims => claims["aud"] = new JsonArray("others", TokenIssuerServer.Audience))));
        Assert.Equal(403, await StatusAsync(issuer.Token(KeyRole.Ingest, one, Now)));
    }

    public static TheoryData<string> BadTokens => [.. bad.Keys];

    static readonly Dictionary<string, Func<TokenTests, string>> bad = new()
    {
        ["another key under the same id"] = test => test.Good(key: IssuerKey.EllipticCurve("first")),
        ["a key that the issuer does not publish"] = test => test.Good(key: IssuerKey.EllipticCurve("unknown")),
        ["a changed payload"] = test => With(test.Good(), payload: (string)test.Good(claims: claims => claims["tenant"] = "two").Split('.')[1]),
        ["a changed signature"] = test => test.Good() is var good && good[^6] == 'A' ? good[..^6] + 'B' + good[^5..] : good[..^6] + 'A' + good[^5..],
        ["no signature"] = test => With(test.Good(), signature: ""),
        ["expired"] = test => test.Good(claims: claims => claims["exp"] = test.Now.AddSeconds(-61).ToUnixTimeSeconds()),
        ["without an end"] = test => test.Good(claims: claims => claims.Remove("exp")),
        ["not yet good"] = test => test.Good(claims: claims => claims["nbf"] = test.Now.AddSeconds(62).ToUnixTimeSeconds()),
        ["for another service"] = test => test.Good(claims: claims => claims["aud"] = "others"),
        ["for no service"] = test => test.Good(claims: claims => claims.Remove("aud")),
        ["of another issuer"] = test => test.Good(claims: claims => claims["iss"] = "https://evil.example"),
        ["of an issuer whose name begins alike"] = test => test.Good(claims: claims => claims["iss"] = test.issuer.Name + "/"),
        ["of no issuer"] = test => test.Good(claims: claims => claims.Remove("iss")),
        ["alg none"] = test => With(test.Good(), header: TokenIssuerServer.Encode("""{"alg":"none","kid":"first","typ":"JWT"}"""), signature: ""),
        ["alg None, signed"] = test => test.Good(header: head => head["alg"] = "None"),
        ["no alg"] = test => test.Good(header: head => head.Remove("alg")),
        ["HS256 with the public key"] = test => test.Good(header: head => head["kid"] = "rsa", key: IssuerKey.Secret("rsa", test.issuer.Keys[1].PublicPem())),
        ["HS256 with a secret that the issuer publishes"] = test => test.Good(key: test.issuer.Keys[2]),
        ["RS384, which is not in the configuration"] = test => test.Good(header: head => head["alg"] = "RS384", key: test.issuer.Keys[1]),
        ["a key of the wrong kind for its algorithm"] = test => test.Good(header: head => head["kid"] = "rsa"),
        ["no key id"] = test => test.Good(header: head => head.Remove("kid")),
        ["its own key in the header"] = test => test.Good(header: head => head["jwk"] = IssuerKey.EllipticCurve("mine").Published(), key: IssuerKey.EllipticCurve("first")),
        ["its own key's address in the header"] = test => test.Good(header: head => (head["jku"], head["x5u"]) = (test.issuer.Name + "/mine", test.issuer.Name + "/mine"), key: IssuerKey.EllipticCurve("mine")),
        ["a short key of RSA"] = test => test.Good(key: test.issuer.Keys[3]),
        ["critical extensions"] = test => test.Good(header: head => (head["crit"], head["b64"]) = (new JsonArray("b64"), false)),
        ["another kind of token"] = test => test.Good(header: head => head["typ"] = "logout+jwt"),
        ["no role"] = test => test.Good(claims: claims => claims.Remove("access")),
        ["an unknown role"] = test => test.Good(claims: claims => claims["access"] = new JsonObject { ["roles"] = new JsonArray("admin") }),
        ["no tenant"] = test => test.Good(claims: claims => claims.Remove("tenant")),
        ["a tenant that cannot be"] = test => test.Good(claims: claims => claims["tenant"] = "../two"),
        ["a number for a tenant"] = test => test.Good(claims: claims => claims["tenant"] = 1),
        ["too long"] = test => test.Good(claims: claims => claims["groups"] = new string('x', 20_000)),
        ["encrypted"] = test => $"{TokenIssuerServer.Encode("""{"alg":"dir","enc":"A256GCM","kid":"first"}""")}..AAAA.AAAA.AAAA",
        ["no JSON"] = test => With(test.Good(), header: "AAAA"),
        ["a payload that is no object"] = test => With(test.Good(), payload: TokenIssuerServer.Encode("[]")),
        ["two dots"] = _ => "..",
        ["a part of one"] = test => test.Good()[..40],
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task ABadTokenIsRefusedWithoutSayingWhy(string what)
    {
        issuer.Keys.AddRange([IssuerKey.Rsa("rsa"), IssuerKey.Secret("secret", RandomNumberGenerator.GetBytes(32)), IssuerKey.Rsa("short", RSA.Create(1024))]);
        Assert.Equal(200, await StatusAsync(Good()));
        var seen = await service.SendAsync(HttpMethod.Get, "/api/processes", bad[what](this));
        Assert.Equal((401, "the key is not accepted", "Bearer realm=\"legion\", error=\"invalid_token\""), (seen.Status, seen.Error(), seen.Challenge));
    }

    [Fact]
    public async Task ANewKeyIsFoundAndAnOldOneForgotten()
    {
        var old = Good();
        Assert.Equal(200, await StatusAsync(old));
        issuer.Keys[0] = IssuerKey.EllipticCurve("next");
        service.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, await StatusAsync(Good()));
        Assert.Equal(401, await StatusAsync(old));
    }

    [Fact]
    public async Task MadeUpKeyIdsDoNotKeepTheIssuerBusy()
    {
        Assert.Equal(200, await StatusAsync(Good()));
        Assert.Equal(1, issuer.Asked);
        for (var i = 0; i < 20; i++) Assert.Equal(401, await StatusAsync(Good(key: IssuerKey.EllipticCurve($"made-up-{i}"))));
        Assert.Equal(1, issuer.Asked);
        service.Clock.Advance(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 20; i++) Assert.Equal(401, await StatusAsync(Good(key: IssuerKey.EllipticCurve($"made-up-{i}"))));
        Assert.Equal(2, issuer.Asked);
    }

    [Fact]
    public async Task AnIssuerThatIsAwayLetsNobodyInAndKeepsNoKeyOut()
    {
        issuer.Failure = 500;
        var key = await service.NewKeyAsync(KeyRole.Read);
        Assert.Equal(503, await StatusAsync(Good()));
        Assert.Equal(200, await StatusAsync(key));
        issuer.Failure = null;
        Assert.Equal(503, await StatusAsync(Good()));
        service.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, await StatusAsync(Good()));

        // What is known stays good for a day.
        issuer.Failure = 500;
        service.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(200, await StatusAsync(Good()));
        Assert.Equal(401, await StatusAsync(Good(key: IssuerKey.EllipticCurve("first"))));
        service.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(503, await StatusAsync(Good()));
        Assert.Equal(200, await StatusAsync(key));
    }

    [Fact]
    public async Task MetadataOfAnotherIssuerIsNotTaken()
    {
        issuer.SaidName = "https://evil.example";
        Assert.Equal(503, await StatusAsync(Good()));
    }

    [Fact]
    public async Task ATokenExpiresInsideItsCookie()
    {
        using var form = new FormUrlEncodedContent([new("key", Good()), new("next", "/process/1")]);
        var signedIn = await service.SendAsync(HttpMethod.Post, "/sign-in", null, form);
        Assert.Equal((303, "/process/1"), (signedIn.Status, signedIn.Location));
        var cookie = ("Cookie", signedIn.Cookie!.Split(';')[0]);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, "/api/processes", null, null, cookie)).Status);
        service.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Get, "/api/processes", null, null, cookie)).Status);
    }

    [Fact]
    public async Task ATokenThatNoCookieHoldsIsRefusedByTheForm()
    {
        var large = Good(claims: claims => claims["groups"] = new string('x', 5_000));
        Assert.Equal(200, await StatusAsync(large));
        using var form = new FormUrlEncodedContent([new("key", large)]);
        var seen = await service.SendAsync(HttpMethod.Post, "/sign-in", null, form);
        Assert.Equal(("/sign-in?refused=1&next=%2F", null), (seen.Location, seen.Cookie));
    }

    [Fact]
    public async Task TheFirstUseOfATokenIsAuditedAndSoAreRefusedOnes()
    {
        var (first, second) = (Good(), Good(claims: claims => claims["jti"] = "2"));
        foreach (var token in (string[])[first, first, second, first]) Assert.Equal(200, await StatusAsync(token));
        for (var i = 0; i < 3; i++) Assert.Equal(401, await StatusAsync("a.b.c"));
        var rows = await service.Lake.Store.Catalog.ReadAuditAsync(null, TestContext.Current.CancellationToken);
        Assert.Equal([("one", "token.first-use"), ("one", "token.first-use"), ("system", "token.refused")], rows.Select(row => (row.Tenant.Name, row.Action)));
        Assert.All(rows.Take(2), row => Assert.EndsWith($" from {issuer.Name}", row.Actor, StringComparison.Ordinal));
        Assert.DoesNotContain(rows, row => row.ToString().Contains(first.Split('.')[2], StringComparison.Ordinal));
    }

    string Good(Action<JsonObject>? header = null, Action<JsonObject>? claims = null, IssuerKey? key = null) => issuer.Token(KeyRole.Read, one, Now, header, claims, key);

    static string With(string token, string? header = null, string? payload = null, string? signature = null)
    {
        var parts = token.Split('.');
        return $"{header ?? parts[0]}.{payload ?? parts[1]}.{signature ?? parts[2]}";
    }

    async Task<int> StatusAsync(string token) => (await service.SendAsync(HttpMethod.Get, "/api/processes", token)).Status;
}
