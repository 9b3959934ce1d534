using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;
using Legion.Ingestion;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Ingestion;

/// <summary>Who is let in, who is not, and what the others notice of it, over real sockets.</summary>
public sealed class AdmissionTests : IDisposable
{
    readonly ManualClock clock = new();
    readonly HttpClient client = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task ATenantBeyondItsRequestsIs429AndHearsWhen()
    {
        await using var server = await StartAsync(new IngestionLimits { TenantRequestsPerSecond = 0.5, TenantBurst = TimeSpan.FromSeconds(6) });
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy")).Status);

        var refused = await PostAsync(server, "noisy");
        Assert.Equal((HttpStatusCode.TooManyRequests, "tenant noisy sends more than"), (refused.Status, refused.Error[..28]));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "quiet")).Status);

        clock.Advance(refused.RetryAfter!.Value);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy")).Status);
    }

    [Fact]
    public async Task ATenantBeyondItsBytesIs429UntilItHasPaid()
    {
        await using var server = await StartAsync(new IngestionLimits { TenantBytesPerSecond = 1_000, TenantBurst = TimeSpan.FromSeconds(1) });
        var batch = Batch(5_000);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy", batch)).Status);

        // Five seconds' worth went at once, one of which was saved.
        var refused = await PostAsync(server, "noisy");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, batch.Length / 1_000.0 - 1, batch.Length / 1_000.0);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "quiet")).Status);

        clock.Advance(refused.RetryAfter.Value - TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(server, "noisy")).Status);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy")).Status);
    }

    [Fact]
    public async Task WhenItsPlacesAreTakenATenantIs503AndAnotherIsLetIn()
    {
        HeldStore? held = null;
        await using var server = await StartAsync(new IngestionLimits { Places = 4 }, objects => held = new HeldStore(objects));
        // One may have as much as it leaves free: two of four.
        var stored = new List<Task<Answer>> { PostAsync(server, "noisy"), PostAsync(server, "noisy") };
        await held!.ArrivalAsync();
        await held.ArrivalAsync();

        var refused = await PostAsync(server, "noisy");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (refused.Status, refused.RetryAfter));
        stored.Add(PostAsync(server, "quiet"));
        await held.ArrivalAsync();

        held.Release();
        Assert.All(await Task.WhenAll(stored), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy")).Status);
    }

    [Fact]
    public async Task WhenItsMemoryIsTakenATenantIs503AndAnotherIsLetIn()
    {
        HeldStore? held = null;
        await using var server = await StartAsync(new IngestionLimits { BatchBytes = 1 << 20, InFlightBytes = 4 << 20 }, objects => held = new HeldStore(objects));
        var batch = Batch(900_000);
        var stored = new List<Task<Answer>> { PostAsync(server, "noisy", batch), PostAsync(server, "noisy", batch) };
        await held!.ArrivalAsync();
        await held.ArrivalAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(server, "noisy", batch)).Status);
        stored.Add(PostAsync(server, "quiet", batch));
        await held.ArrivalAsync();

        held.Release();
        Assert.All(await Task.WhenAll(stored), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "noisy", batch)).Status);
    }

    [Fact]
    public async Task ADiskThatStandsStillIs503InTimeForThoseWhoAreStoredAndThoseWhoWait()
    {
        HeldStore? held = null;
        var limits = new IngestionLimits { Turns = 1, LongestWait = TimeSpan.FromSeconds(0.2), LongestStore = TimeSpan.FromSeconds(2) };
        await using var server = await StartAsync(limits, objects => held = new HeldStore(objects) { Hangs = true });
        var stuck = PostAsync(server, "first");
        await held!.ArrivalAsync();
        var waiting = await PostAsync(server, "second");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1), "the requests before this one take too long; send it again later"), (waiting.Status, waiting.RetryAfter, waiting.Error));
        var answer = await stuck;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1), "the lake did not answer within 2 seconds"), (answer.Status, answer.RetryAfter, answer.Error));
        // What hangs has its turn still.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(server, "third")).Status);

        held.Release();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(server, "first")).Status);
    }

    async Task<IngestionServer> StartAsync(IngestionLimits limits, Func<Legion.Store.IObjectStore, Legion.Store.IObjectStore>? objects = null)
    {
        var server = new IngestionServer(clock, limits, objects);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>A batch of about so many bytes with one block.</summary>
    static byte[] Batch(int bytes = 0)
    {
        var recording = new Recording();
        var batch = recording.Batch(recording.Block());
        batch.Add((BatchItemKind)900, new byte[bytes]);
        return batch.ToArray();
    }

    async Task<Answer> PostAsync(IngestionServer server, string tenant, byte[]? batch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/v1/append")) { Content = new ByteArrayContent(batch ?? Batch()) };
        request.Headers.Add(IngestionServer.TenantHeader, tenant);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(Legion.Format.Batch.MediaType);
        using var response = await client.SendAsync(request, Cancellation);
        using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation));
        return new Answer(response.StatusCode, response.Headers.RetryAfter?.Delta, json.RootElement.GetProperty("error").GetString() ?? "");
    }

    sealed record Answer(HttpStatusCode Status, TimeSpan? RetryAfter, string Error);
}
