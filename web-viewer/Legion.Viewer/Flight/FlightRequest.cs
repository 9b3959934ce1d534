using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer.Flight;

/// <summary>
/// What a ticket or a command asks: SQL, or a JSON object of <c>sql</c>, <c>parameters</c> (an object of names and values), <c>from</c> and <c>to</c> (as the command line writes times).
/// </summary>
sealed record FlightRequest(string Sql, QueryOptions Options)
{
    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="MalformedQuestionException">It is neither.</exception>
    public static FlightRequest Parse(ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        try
        {
            var text = strictUtf8.GetString(bytes);
            if (text.AsSpan().Trim().IsEmpty) throw new MalformedQuestionException("expected SQL, saw nothing");
            return text.AsSpan().TrimStart()[0] == '{' ? OfJson(text, now) : new FlightRequest(text, new QueryOptions());
        }
        catch (Exception cause) when (cause is JsonException or DecoderFallbackException)
        {
            throw new MalformedQuestionException($"expected SQL, or a JSON object with it: {cause.Message}");
        }
    }

    static FlightRequest OfJson(string text, DateTimeOffset now)
    {
        using var json = JsonDocument.Parse(text);
        string? sql = null;
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal);
        long? fromNs = null, toNs = null;
        foreach (var member in json.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "sql":
                    sql = Text(member);
                    break;
                case "parameters" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var parameter in member.Value.EnumerateObject()) parameters[parameter.Name] = Value(parameter);
                    break;
                case "from":
                    fromNs = Ns(member, now);
                    break;
                case "to":
                    toNs = Ns(member, now);
                    break;
                default:
                    throw new MalformedQuestionException($"expected sql, parameters (an object), from and to, saw '{member.Name}'");
            }
        }
        return new FlightRequest(sql ?? throw new MalformedQuestionException("expected an object with sql"), new QueryOptions { Parameters = parameters, Range = new QueryRange(fromNs, toNs) });
    }

    static long? Ns(JsonProperty member, DateTimeOffset now)
    {
        try
        {
            return TimeText.ParseNs(Text(member), (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        }
        catch (FormatException cause)
        {
            throw new MalformedQuestionException(cause.Message);
        }
    }

    static string Text(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw new MalformedQuestionException($"expected {member.Name} as text, saw {member.Value.GetRawText()}");

    static object? Value(JsonProperty parameter) => parameter.Value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => parameter.Value.GetString(),
        JsonValueKind.Number when parameter.Value.TryGetInt64(out var integer) => integer,
        JsonValueKind.Number => parameter.Value.GetDouble(),
        _ => throw new MalformedQuestionException($"expected parameter {parameter.Name} as text, a number, true, false or null, saw {parameter.Value.GetRawText()}"),
    };
}
