using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Legion.Cli.Control;

/// <summary>A report as a lake or a service lists it.</summary>
sealed record PublishedReport(string Id, string Path, string Title, long CreatedNs, string By, long? ExpiresNs, long Bytes);

sealed partial class ServiceClient
{
    const string Reports = "/api/reports";

    const string Reader = "read";

    /// <summary>Where a browser finds a page of the service.</summary>
    public string AddressOf(string path) => new Uri(url, path).ToString();

    /// <exception cref="CommandFailure">The service refused the page.</exception>
    public async Task<PublishedReport> PublishAsync(byte[] html, string? title, int? days, CancellationToken cancellation)
    {
        var query = string.Join('&', ((string?[])[title is null ? null : $"title={Uri.EscapeDataString(title)}", days is null ? null : string.Create(CultureInfo.InvariantCulture, $"days={days}")]).OfType<string>());
        using var response = await SendAsync(() =>
        {
            var content = new ByteArrayContent(html);
            content.Headers.ContentType = new MediaTypeHeaderValue("text/html");
            return http.PostAsync(query.Length == 0 ? Reports : $"{Reports}?{query}", content, cancellation);
        }, cancellation, Reader);
        using var answer = await AnswerAsync(response, "publish the report", cancellation);
        return Report(answer.RootElement);
    }

    public async Task<IReadOnlyList<PublishedReport>> ListAsync(string search, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => http.GetAsync($"{Reports}?limit=1000&search={Uri.EscapeDataString(search)}", cancellation), cancellation, Reader);
        using var answer = await AnswerAsync(response, "list reports", cancellation);
        return [.. answer.RootElement.GetProperty("reports").EnumerateArray().Select(Report)];
    }

    public async Task RemoveAsync(string report, CancellationToken cancellation)
    {
        using var response = await SendAsync(() => http.DeleteAsync($"{Reports}/{Uri.EscapeDataString(report)}", cancellation), cancellation, "admin, or the one that published the report,");
        using var answer = await AnswerAsync(response, $"remove the report '{report}'", cancellation);
    }

    async Task<JsonDocument> AnswerAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json") throw Unexpected(response.StatusCode, $"cannot {what}");
        var answer = await ReadAsync(response, cancellation);
        if (response.IsSuccessStatusCode) return answer;
        using (answer)
        {
            var sentence = $"the service at {url} did not {what}: {(answer.RootElement.TryGetProperty("error", out var error) ? error.GetString() : $"status {(int)response.StatusCode}")}";
            throw response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone ? CommandFailure.NotFound(sentence) : CommandFailure.Failed(sentence);
        }
    }

    static PublishedReport Report(JsonElement report) => new(
        report.GetProperty("report").GetString()!, report.GetProperty("path").GetString()!, report.GetProperty("title").GetString()!, Ns(report.GetProperty("created_ns"))!.Value,
        report.GetProperty("created_by").GetString()!, Ns(report.GetProperty("expires_ns")), report.GetProperty("bytes").GetInt64());

    static long? Ns(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetInt64(),
        JsonValueKind.String => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        _ => null,
    };
}
