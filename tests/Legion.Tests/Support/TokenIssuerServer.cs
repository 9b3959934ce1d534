using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Legion.Cli.Serving.Tokens;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Support;

/// <summary>An OpenID Connect issuer on the loopback: its discovery document, its public keys, and the tokens that it signs.</summary>
sealed class TokenIssuerServer : IAsyncLifetime
{
    public const string Audience = "legion-test";

    readonly List<IssuerKey> keys = [IssuerKey.EllipticCurve("first")];
    WebApplication? app;
    int asked;

    /// <summary>Those that it publishes; the first signs.</summary>
    public List<IssuerKey> Keys => keys;

    public string Name => app!.Urls.Single() + "/realm";

    /// <summary>How often its keys were asked for.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>What it answers instead of its documents; null for these.</summary>
    public int? Failure { get; set; }

    /// <summary>What its metadata says whose they are.</summary>
    public string? SaidName { get; set; }

    /// <summary>As the service is configured with it: roles and tenants are claims.</summary>
    public TokenIssuer Issuer => new(Name, Audience, new Uri(Name + "/.well-known/openid-configuration"), ["RS256", "ES256", "PS256"],
        new ClaimRule(null, "access.roles", [new("may-look", "read"), new("may-send", "ingest"), new("may-all", "admin")]), new ClaimRule(null, "tenant", null));

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapGet("/realm/.well-known/openid-configuration", () => Answer(new JsonObject { ["issuer"] = SaidName ?? Name, ["jwks_uri"] = Name + "/keys" }));
        app.MapGet("/realm/keys", () =>
        {
            Interlocked.Increment(ref asked);
            return Answer(new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => key.Published())]) });
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A good token; the changes make others of it.</summary>
    public string Token(KeyRole role, Tenant tenant, DateTimeOffset now, Action<JsonObject>? header = null, Action<JsonObject>? claims = null, IssuerKey? key = null)
    {
        key ??= Keys[0];
        var head = new JsonObject { ["alg"] = key.Algorithm, ["kid"] = key.Id, ["typ"] = "JWT" };
        var payload = new JsonObject
        {
            ["iss"] = Name,
            ["aud"] = Audience,
            ["sub"] = "somebody",
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
            ["tenant"] = tenant.Name,
            ["access"] = new JsonObject { ["roles"] = new JsonArray("other", role switch { KeyRole.Read => "may-look", KeyRole.Ingest => "may-send", _ => "may-all" }) },
        };
        header?.Invoke(head);
        claims?.Invoke(payload);
        var signed = $"{Encode(head.ToJsonString())}.{Encode(payload.ToJsonString())}";
        return $"{signed}.{Base64Url(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Encode(string json) => Base64Url(Encoding.UTF8.GetBytes(json));

    public static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    IResult Answer(JsonObject document) => Failure is { } status ? Results.StatusCode(status) : Results.Text(document.ToJsonString(), "application/json");
}

/// <summary>A pair of keys, or a secret, that tokens are signed with.</summary>
sealed record IssuerKey(string Id, string Algorithm, Func<byte[], byte[]> Sign, Func<JsonObject> Published)
{
    static readonly RSA rsa = RSA.Create(2048);

    public static IssuerKey EllipticCurve(string id)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new IssuerKey(id, "ES256", bytes => key.SignData(bytes, HashAlgorithmName.SHA256), () =>
        {
            var q = key.ExportParameters(false).Q;
            return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id, ["use"] = "sig", ["x"] = TokenIssuerServer.Base64Url(q.X!), ["y"] = TokenIssuerServer.Base64Url(q.Y!) };
        });
    }

    public static IssuerKey Rsa(string id, RSA? key = null)
    {
        key ??= rsa;
        return new IssuerKey(id, "RS256", bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), () =>
        {
            var of = key.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig", ["n"] = TokenIssuerServer.Base64Url(of.Modulus!), ["e"] = TokenIssuerServer.Base64Url(of.Exponent!) };
        });
    }

    /// <summary>Signs with a secret that both sides know: with whatever bytes an attacker thinks that the service takes for it.</summary>
    public static IssuerKey Secret(string id, byte[] secret) => new(id, "HS256", bytes => HMACSHA256.HashData(secret, bytes), () =>
        new JsonObject { ["kty"] = "oct", ["kid"] = id, ["alg"] = "HS256", ["k"] = TokenIssuerServer.Base64Url(secret) });

    public byte[] PublicPem()
    {
        var document = Published();
        if (Algorithm != "RS256") throw new InvalidOperationException($"expected a key of RSA, saw one for {Algorithm}");
        using var key = RSA.Create(new RSAParameters
        {
            Modulus = System.Buffers.Text.Base64Url.DecodeFromChars((string)document["n"]!), Exponent = System.Buffers.Text.Base64Url.DecodeFromChars((string)document["e"]!),
        });
        return Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem());
    }
}
