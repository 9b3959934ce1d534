using System.Net.Http.Headers;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Carries one batch to a server and its answer back.</summary>
interface ITransport : IDisposable
{
    /// <exception cref="HttpRequestException">The server could not be reached, or the connection broke.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or was cancelled.</exception>
    Task<Reply> PostAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation);
}

/// <summary>A server's answer.</summary>
/// <param name="RetryAfter">How long it asks to be left alone.</param>
readonly record struct Reply(int Status, byte[] Body, TimeSpan? RetryAfter = null);

/// <summary>The protocol's one endpoint, over HTTP. Redirects are not followed: a batch goes where it was meant to go or nowhere.</summary>
sealed class HttpTransport : ITransport
{
    /// <summary>A server's answer to a batch is short; a longer one is not read to its end.</summary>
    const int MostAnswerBytes = 4 << 20;

    readonly HttpClient client;
    readonly Uri address;

    public HttpTransport(Uri endpoint, string? apiKey)
    {
        address = new Uri(endpoint, "/v1/append");
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = MostAnswerBytes,
        };
        if (apiKey is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public async Task<Reply> PostAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        using var content = new ReadOnlyMemoryContent(batch);
        content.Headers.ContentType = new MediaTypeHeaderValue(Batch.MediaType);
        using var response = await client.PostAsync(address, content, cancellation).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return new Reply((int)response.StatusCode, body, response.Headers.RetryAfter?.Delta);
    }

    public void Dispose() => client.Dispose();
}
