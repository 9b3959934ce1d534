using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Ingestion;

public sealed class CommandEndpointTests : IAsyncLifetime
{
    readonly Recording recording = new();
    HttpClient client = new();
    readonly ManualClock clock = new();
    readonly IngestionServer server;
    readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CommandEndpointTests() => server = new IngestionServer(clock);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        client.BaseAddress = server.Url;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        key.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task CommandsComeWithTheAnswersOfTheirProcessUntilTheyExpire()
    {
        var other = new Recording();
        await AppendAsync(recording);
        await AppendAsync(other);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(2)));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(1)));

        var heard = await AppendAsync(recording);
        Assert.Equal([1ul, 2ul], heard.Select(command => RemoteCommand.Read(command.Payload.Span).Number));
        Assert.All(heard, command => Assert.True(command.IsSignedBy(key)));
        Assert.Empty(await AppendAsync(other));

        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Empty(await AppendAsync(recording));
    }

    [Fact]
    public async Task AnswersSayWhichOfTheirProcessesAreWatched()
    {
        var other = new Recording();
        foreach (var sender in (Recording[])[recording, other]) Assert.Equal("[]", await WatchedAsync(sender));
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        await server.Lake.Catalog.WatchAsync(Tenant.Default, recording.ProcessId, nowNs + 5_000_000_000, nowNs, Cancellation);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal($"[\"{recording.ProcessId}\"]", await WatchedAsync(recording));
        Assert.Equal("[]", await WatchedAsync(other));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("[]", await WatchedAsync(recording));
    }

    [Fact]
    public async Task EachCommandIsAnAuditRowAndARepeatedOneIsNone()
    {
        await AppendAsync(recording);
        var (command, other) = (SignedCommand.Sign(Command(7), key), SignedCommand.Sign(Command(8), key));
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var expected = new AuditRow(now, Tenant.Default, "key 1", "command.send", recording.ProcessId.ToString(), $$"""{"expires_ns":{{now + 9}},"number":7}""");
        foreach (var signed in (SignedCommand[])[command, command])
            Assert.Equal(CommandOutcome.Stored, await server.Lake.Catalog.AddCommandAsync(Tenant.Default, Command(7), signed, 16, now + 9, now, "key 1", Cancellation));
        Assert.Equal([expected], await server.Lake.Catalog.ReadAuditAsync(null, Cancellation));
        Assert.Equal(CommandOutcome.TooMany, await server.Lake.Catalog.AddCommandAsync(Tenant.Default, Command(8), other, 1, now + 9, now, "key 1", Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(Command(9) with { ProcessId = Guid.CreateVersion7() }));
        Assert.Single(await server.Lake.Catalog.ReadAuditAsync(null, Cancellation));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(10)));
        Assert.Equal("anybody, as no key is needed", (await server.Lake.Catalog.ReadAuditAsync(null, Cancellation))[1].Actor);
    }

    [Fact]
    public async Task ATimeToLiveIsCutToTheCap()
    {
        await AppendAsync(recording);
        await PostAsync(Command(1) with { TimeToLive = TimeSpan.FromHours(5) });
        clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Single(await AppendAsync(recording));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await AppendAsync(recording));
    }

    [Fact]
    public async Task NobodyElsesCommandCanTakeTheirPlaceAndTheirNumberIsBounded()
    {
        await AppendAsync(recording);
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await PostAsync(SignedCommand.Sign(Command(long.MaxValue), another));
        var right = SignedCommand.Sign(Command(1), key);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(right));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(right));
        Assert.Equal(2, (await AppendAsync(recording)).Count);
        for (var number = 2ul; number < 16; number++) Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(number)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync(Command(16)));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(17)));
    }

    [Fact]
    public async Task WhatIsNoCommandOrOfNoProcessIsRefused()
    {
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(Command(1)));
        await AppendAsync(recording);
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(Command(1ul << 63)));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(new SignedCommand(new byte[8], new byte[64])));
        foreach (var body in (string[])["", "nonsense", "[]", """{"payload": 1}""", """{"payload": "AA==", "signature": "AA=="}"""])
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(body));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync($$"""{"payload": "{{new string('A', 20_000)}}"}"""));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync("{}", "text/plain"));
    }

    [Fact]
    public async Task CommandsAreCountedAmongATenantsRequests()
    {
        await using var limited = new IngestionServer(clock, new IngestionLimits { TenantRequestsPerSecond = 1, TenantBurst = TimeSpan.FromSeconds(2) });
        await limited.InitializeAsync();
        client.Dispose();
        client = new HttpClient { BaseAddress = limited.Url };
        await AppendAsync(recording);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(1)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync(Command(2)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(Command(2)));
    }

    RemoteCommand Command(ulong number) => new() { ProcessId = recording.ProcessId, Number = number, TimeToLive = TimeSpan.FromSeconds(60), MinimumLevel = Level.Debug };

    Task<HttpStatusCode> PostAsync(RemoteCommand command) => PostAsync(SignedCommand.Sign(command, key));

    async Task<HttpStatusCode> PostAsync(SignedCommand command)
    {
        using var bytes = new MemoryStream();
        await using (var json = new Utf8JsonWriter(bytes)) command.Write(json);
        return await PostAsync(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    async Task<HttpStatusCode> PostAsync(string body, string mediaType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, mediaType);
        using var response = await client.PostAsync("/v1/commands", content, Cancellation);
        return response.StatusCode;
    }

    /// <summary>Sends a batch, and returns the commands of its answer.</summary>
    async Task<List<SignedCommand>> AppendAsync(Recording sender)
    {
        using var answer = await AnswerAsync(sender);
        return [.. answer.RootElement.GetProperty("commands").EnumerateArray().Select(SignedCommand.Read)];
    }

    async Task<string> WatchedAsync(Recording sender)
    {
        using var answer = await AnswerAsync(sender);
        return answer.RootElement.GetProperty("watched").GetRawText();
    }

    async Task<JsonDocument> AnswerAsync(Recording sender)
    {
        using var content = new ByteArrayContent(sender.Batch().ToArray());
        content.Headers.ContentType = new(Batch.MediaType);
        using var response = await client.PostAsync("/v1/append", content, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation));
    }
}
