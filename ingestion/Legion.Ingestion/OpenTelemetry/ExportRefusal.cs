using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>Why an export is not taken, as a status code of gRPC.</summary>
enum ExportRefusalCode
{
    /// <summary>It cannot be read: never again.</summary>
    InvalidArgument = 3,

    /// <summary>More than is taken: of the sender at present, where there is a time to retry after; otherwise ever.</summary>
    ResourceExhausted = 8,

    /// <summary>Of a kind that is not taken: never again.</summary>
    Unimplemented = 12,

    /// <summary>Nothing is known to be stored: the same again later.</summary>
    Unavailable = 14,
}

/// <summary>An export that is not taken, and why, in the words of OTLP ("Failures").</summary>
/// <param name="RetryAfter">Null for never.</param>
sealed record ExportRefusal(ExportRefusalCode Code, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>Whole seconds, as the header takes them.</summary>
    public int? RetryAfterSeconds => RetryAfter is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 3600) : null;

    public int HttpStatus => Code switch
    {
        ExportRefusalCode.InvalidArgument => StatusCodes.Status400BadRequest,
        ExportRefusalCode.ResourceExhausted => RetryAfter is null ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status429TooManyRequests,
        ExportRefusalCode.Unimplemented => StatusCodes.Status415UnsupportedMediaType,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    public static ExportRefusal Of(RefusedRequest refused) => new(
        refused.Reason == Refusal.NoRoom ? ExportRefusalCode.Unavailable : ExportRefusalCode.ResourceExhausted, refused.Sentence, refused.RetryAfter);

    public static ExportRefusal Again(string message) => new(ExportRefusalCode.Unavailable, message, TimeSpan.FromSeconds(1));
}
