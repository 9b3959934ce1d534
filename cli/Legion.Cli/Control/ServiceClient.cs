using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;

namespace Legion.Cli.Control;

/// <summary>A running service, as the command line talks to it.</summary>
sealed partial class ServiceClient(Uri url) : IDisposable
{
    readonly HttpClient http = Client(url);

    /// <exception cref="CommandFailure">It is no http address.</exception>
    public static ServiceClient Parse(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? new ServiceClient(address)
        : throw CommandFailure.Usage($"cannot use '{url}' as a service: expected an address such as http://localhost:9020");

    /// <summary>Ids of the living processes that match, newest first.</summary>
    public async Task<IReadOnlyList<Guid>> FindAsync(ProcessFilter filter, CancellationToken cancellation)
    {
        if (filter.ProcessId is { } named) return [named];
        using var response = await SendAsync(() => http.GetAsync($"/api/processes?search={Uri.EscapeDataString(filter.Search)}", cancellation), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound) throw CommandFailure.Failed($"the service at {url} does not list processes, as it runs without the viewer; name the process by its id");
        if (!response.IsSuccessStatusCode) throw Unexpected(response.StatusCode, "listed no processes");
        using var json = await ReadAsync(response, cancellation);
        var now = DateTimeOffset.UtcNow;
        return [.. json.RootElement.GetProperty("processes").EnumerateArray().Where(process => filter.Matches(process, now)).Select(process => process.GetProperty("process_id").GetGuid())];
    }

    /// <returns>False where the service does not know the process, or it has ended.</returns>
    public async Task<bool> TryPostAsync(SignedCommand command, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await using (var json = new Utf8JsonWriter(bytes)) command.Write(json);
        using var response = await SendAsync(() =>
        {
            var content = new ByteArrayContent(bytes.ToArray());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return http.PostAsync("/v1/commands", content, cancellation);
        }, cancellation);
        if (response.IsSuccessStatusCode) return true;
        if (response.Content.Headers.ContentType?.MediaType != "application/json") throw Unexpected(response.StatusCode, "takes no commands");
        if (response.StatusCode == HttpStatusCode.NotFound) return false;
        using var answer = await ReadAsync(response, cancellation);
        throw CommandFailure.Failed($"the service at {url} refused the command: {(answer.RootElement.TryGetProperty("error", out var error) ? error.GetString() : $"status {(int)response.StatusCode}")}");
    }

    public void Dispose() => http.Dispose();

    static HttpClient Client(Uri url)
    {
        var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        if (ServiceKey.Find() is { } key) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    async Task<HttpResponseMessage> SendAsync(Func<Task<HttpResponseMessage>> send, CancellationToken cancellation, string role = "admin")
    {
        try
        {
            var response = await send();
            if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)) return response;
            response.Dispose();
            throw CommandFailure.Failed($"the service at {url} needs a key of role {role} (status {(int)response.StatusCode}); set {ServiceKey.Variable} to one that `legion keys create` made");
        }
        catch (HttpRequestException cause)
        {
            throw CommandFailure.Failed($"cannot reach the service at {url}: {cause.Message}; start it with `legion serve`, or name another with --url", cause);
        }
        catch (TaskCanceledException cause) when (!cancellation.IsCancellationRequested)
        {
            throw CommandFailure.Failed($"the service at {url} did not answer within {http.Timeout.TotalSeconds} s", cause);
        }
    }

    async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (JsonException cause)
        {
            throw CommandFailure.Failed($"the service at {url} answered what is no JSON; is it a Legion service?", cause);
        }
    }

    CommandFailure Unexpected(HttpStatusCode status, string what) => CommandFailure.Failed($"the service at {url} {what} (status {(int)status}); is it a Legion service of this version?");
}
