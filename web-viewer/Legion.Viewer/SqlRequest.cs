using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer;

/// <summary>
/// A question in SQL, of a page or as a ticket or command of Flight: SQL, or a JSON object of <c>sql</c>, <c>parameters</c> (an object of names and values), <c>from</c> and <c>to</c>
/// (as the command line writes times), and <c>rows</c>, after which an answer to a page ends.
/// </summary>
sealed record SqlRequest(string Sql, QueryOptions Options)
{
    /// <summary>Rows that a page shows at most.</summary>
    const int MostRows = 100_000;

    /// <summary>Null: all.</summary>
    public int? Rows { get; private init; }

    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="MalformedQuestionException">It is neither.</exception>
    public static SqlRequest Parse(ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        try
        {
            var text = strictUtf8.GetString(bytes);
            if (text.AsSpan().Trim().IsEmpty) throw new MalformedQuestionException("expected SQL, saw nothing");
            return text.AsSpan().TrimStart()[0] == '{' ? OfJson(text, now) : new SqlRequest(text, new QueryOptions());
        }
        catch (Exception cause) when (cause is JsonException or DecoderFallbackException or InvalidOperationException) // the last of text that is none in JSON
        {
            throw new MalformedQuestionException($"expected SQL, or a JSON object with it: {cause.Message}");
        }
    }

    static SqlRequest OfJson(string text, DateTimeOffset now)
    {
        using var json = JsonDocument.Parse(text);
        string? sql = null;
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal);
        long? fromNs = null, toNs = null;
        int? rows = null;
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
                case "rows":
                    rows = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var most) && most is >= 1 and <= MostRows ? most
                        : throw new MalformedQuestionException($"expected rows from 1 to {MostRows}, saw {member.Value.GetRawText()}");
                    break;
                default:
                    throw new MalformedQuestionException($"expected sql, parameters (an object), from, to and rows, saw '{member.Name}'");
            }
        }
        return new SqlRequest(sql ?? throw new MalformedQuestionException("expected an object with sql"), new QueryOptions { Parameters = parameters, Range = new QueryRange(fromNs, toNs) }) { Rows = rows };
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
