using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <param name="Sentence">For whoever reads the client's log.</param>
/// <param name="RetryAfter">When the same may be sent again; null for never.</param>
sealed record RefusedRequest(Refusal Reason, string Sentence, TimeSpan? RetryAfter)
{
    public int Status => Reason switch
    {
        Refusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
        Refusal.Quota => StatusCodes.Status429TooManyRequests,
        Refusal.NoRoom => StatusCodes.Status503ServiceUnavailable,
        _ => throw new InvalidOperationException($"admission does not refuse for '{Reason.Name()}'"),
    };

    /// <summary>Sets status and headers; the body is the endpoint's.</summary>
    public void ApplyTo(HttpResponse response)
    {
        response.StatusCode = Status;
        // The header takes whole seconds.
        if (RetryAfter is { } time) response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }
}
