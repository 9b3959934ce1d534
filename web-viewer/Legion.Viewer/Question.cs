using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse.Timeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Legion.Viewer;

/// <summary>A request that cannot be meant as it stands; the message is the sentence that its sender reads.</summary>
sealed class MalformedQuestionException(string message) : Exception(message);

/// <summary>What a request asks: values of its route and query, read strictly.</summary>
readonly struct Question(HttpContext context)
{
    const int MostTextLength = 1000;
    const int MostRows = 1000;

    public CancellationToken Cancellation => context.RequestAborted;

    public string Route(string name) => (string?)context.GetRouteValue(name) ?? "";

    public Guid RouteId(string name) => Guid.TryParseExact(Route(name), "D", out var id) ? id
        : throw new MalformedQuestionException($"expected {name} as a UUID, saw '{Route(name)}'");

    public long RouteNumber(string name, long most) => long.TryParse(Route(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw new MalformedQuestionException($"expected {name} as a whole number up to {most}, saw '{Route(name)}'");

    /// <summary>Any 64-bit number without a sign.</summary>
    public ulong RouteUnsigned(string name) => ulong.TryParse(Route(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new MalformedQuestionException($"expected {name} as a whole number, saw '{Route(name)}'");

    /// <summary>A whole number of the query; null where there is none.</summary>
    public long? Number(string name, long most) => Value(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw new MalformedQuestionException($"expected {name} as a whole number up to {most}, saw '{text}'");

    /// <summary>Text to search for; empty where there is none.</summary>
    public string Text(string name)
    {
        var text = Value(name) ?? "";
        return text.Length <= MostTextLength ? text : throw new MalformedQuestionException($"expected {name} of at most {MostTextLength} characters, saw {text.Length}");
    }

    /// <summary>Nanoseconds UTC; null where there are none.</summary>
    public long? Ns(string name) => Value(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ns) ? ns
        : throw new MalformedQuestionException($"expected {name} as nanoseconds since 1970, saw '{text}'");

    /// <summary>The time that a page shows.</summary>
    public TimeWindow Window()
    {
        if (Ns("from_ns") is not { } fromNs || Ns("to_ns") is not { } toNs) throw new MalformedQuestionException("expected from_ns and to_ns, saw none");
        return TimeWindow.Of(fromNs, toNs) ?? throw new MalformedQuestionException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
    }

    public int Limit(int usual) => Value("limit") is not { } text ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostRows ? limit
        : throw new MalformedQuestionException($"expected limit from 1 to {MostRows}, saw '{text}'");

    /// <summary>All values of a query parameter that may be given more than once, each once.</summary>
    public IReadOnlyList<string> Values(string name) => [.. context.Request.Query[name].OfType<string>().Distinct()];

    /// <summary>The body, as JSON that a page sends. Pages of other sites can say so only where they were asked for it.</summary>
    public async Task<JsonDocument> JsonAsync(int mostBytes)
    {
        if (!context.Request.HasJsonContentType() || context.Request.ContentLength is not { } length || length > mostBytes)
            throw new MalformedQuestionException($"expected application/json of at most {mostBytes} bytes and its length, saw '{context.Request.ContentType}' of {context.Request.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} bytes");
        try
        {
            var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: Cancellation);
            var kind = json.RootElement.ValueKind;
            if (kind == JsonValueKind.Object) return json;
            json.Dispose();
            throw new MalformedQuestionException($"expected a JSON object, saw {kind}");
        }
        catch (JsonException cause)
        {
            throw new MalformedQuestionException($"expected JSON, saw something else: {cause.Message}");
        }
    }

    /// <summary>The body, of a media type that pages of other sites can send only where they were asked for it.</summary>
    /// <param name="tooLarge">Made where it is larger, of how large it says it is.</param>
    public async Task<byte[]> BytesAsync(string mediaType, int mostBytes, Func<long, Exception> tooLarge)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.MediaType != mediaType || context.Request.ContentLength is not { } length)
            throw new MalformedQuestionException($"expected {mediaType} and its length, saw '{context.Request.ContentType}' of {context.Request.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} bytes");
        if (length > mostBytes) throw tooLarge(length);
        var bytes = new byte[length];
        try
        {
            await context.Request.Body.ReadExactlyAsync(bytes, Cancellation);
        }
        catch (EndOfStreamException)
        {
            throw new MalformedQuestionException($"expected {length} bytes, saw fewer");
        }
        return bytes;
    }

    /// <summary>The value of a query parameter; null where it is missing or empty.</summary>
    public string? Value(string name)
    {
        var values = context.Request.Query[name];
        if (values.Count > 1) throw new MalformedQuestionException($"expected one {name}, saw {values.Count}");
        return string.IsNullOrEmpty(values) ? null : values[0];
    }
}
