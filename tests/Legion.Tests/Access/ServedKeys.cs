using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Cli.Serving;
using Legion.Cli.Serving.Tokens;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Legion.Tests.Access;

/// <summary>The whole service as <c>legion serve --auth</c> runs it, over a lake of its own, with a clock for keys that stands still, and a client that follows nothing and keeps no cookies.</summary>
sealed class ServedKeys : IAsyncLifetime
{
    readonly HttpClient client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    readonly Action<WebApplication>? more;
    WebApplication? app;

    public ServedKeys() : this(null)
    {
    }

    /// <param name="more">Routes beside those of the service.</param>
    public ServedKeys(Action<WebApplication>? more) => this.more = more;

    /// <summary>Whose tokens are accepted.</summary>
    public IReadOnlyList<TokenIssuer> Issuers { get; set; } = [];

    /// <summary>Where it listens for Arrow Flight.</summary>
    public BesideAddresses Flight { get; set; } = BesideAddresses.None;

    /// <summary>Whose word for others counts.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    public TestLake Lake { get; } = new();
    public ManualClock Clock { get; } = new();
    public WebApplication App => app!;

    public long NowNs => (Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = ServedApplication.Build(new ServiceSettings { Addresses = ServedAddresses.Parse("http://127.0.0.1:0"), IsGuarded = true, Clock = Clock, Issuers = Issuers, Proxies = Proxies, Flight = Flight }, Lake.Store);
        more?.Invoke(app);
        await app.StartAsync(Cancellation);
        client.BaseAddress = new Uri(app.Urls.Except(Flight.Urls).Single());
    }

    /// <summary>Makes a key, and gives what its owner would send.</summary>
    public async Task<string> NewKeyAsync(KeyRole role, Tenant tenant = default, long? expiresNs = null, bool isRevoked = false)
    {
        var key = ApiKey.Create();
        var row = new KeyRow { KeyId = key.Id, Tenant = tenant, Role = role, Hash = key.Hash(), Name = "", CreatedNs = NowNs, ExpiresNs = expiresNs };
        await Lake.Store.Catalog.AddKeyAsync(row, "test", Cancellation);
        if (isRevoked) Assert.True(await Lake.Store.Catalog.RevokeKeyAsync(key.Id, NowNs, "test", Cancellation));
        return key.Reveal();
    }

    public async Task<Seen> SendAsync(HttpMethod method, string path, string? bearer, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await client.SendAsync(request, Cancellation);
        return new Seen(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(Cancellation),
            response.Headers.WwwAuthenticate.ToString(),
            response.Headers.Location?.OriginalString,
            response.Headers.TryGetValues("Set-Cookie", out var cookies) ? Assert.Single(cookies) : null);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (app is not null) await app.DisposeAsync();
        Lake.Dispose();
    }

    /// <summary>What came back.</summary>
    public sealed record Seen(int Status, string? MediaType, string Body, string Challenge, string? Location, string? Cookie)
    {
        // A method, or a failed test would say only that this is no JSON.
        public string Error() => JsonDocument.Parse(Body).RootElement.GetProperty("error").GetString()!;
    }
}
