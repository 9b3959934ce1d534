using System.Globalization;
using System.Text;
using Legion.Format;
using Legion.Tests.Format;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Legion.Tests.Fuzz;

/// <summary>Requests to the mapped routes, by a seeded random: most are right in all but one or two places, as what is wrong everywhere is refused at the door.</summary>
sealed class HostileRequests(IReadOnlyList<RouteEndpoint> routes, Guid process, Guid stream)
{
    static readonly string[] parameters = ["from_ns", "to_ns", "name", "search", "text", "min_level", "after", "limit", "g", "depth", "lane"];

    static readonly string[] headers = ["Content-Type", "Content-Encoding", "Accept-Encoding", "If-None-Match", "Authorization", "Cookie", "Range", "Expect", "Host", "Content-Length"];

    static readonly string[] mediaTypes = [Batch.MediaType, "application/json", "application/x-protobuf", "application/grpc", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ";", ""];

    static readonly string[] texts =
    [
        "", "0", "-1", "1", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e9", "NaN", "null", "true", "%", "%00", "\0", "'", "\"", "';--", "../..", "<script>",
        "a b", "\ud800", "\u202e", "é", "{}", "[]", "x'00'", "$process", "1767225600000000000", "1767225600000030000", "trace", "error", "*", "gzip", "br;q=0", "gzip, br", "identity;q=2", "W/\"1\"", new('a', 5_000),
    ];

    readonly byte[] batch = GoldenFiles.Read("all.legion");
    readonly byte[] block = GoldenFiles.Read("logs.block");

    public HttpRequestFeature Next(Random random, out byte[] body)
    {
        // Most go to what reads bytes itself, and costs no write to a disk where they are wrong.
        var route = random.Next(20) switch
        {
            < 14 => Of("/v1/append"),
            < 16 => Of("/v1/commands"),
            _ => routes[random.Next(routes.Count)],
        };
        var method = random.Next(20) == 0 ? Any(random, "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X") : Methods(route)[random.Next(Methods(route).Count)];
        var path = Path(random, route);
        var isPost = method == "POST";
        body = isPost ? Body(random, path) : [];
        var request = new HttpRequestFeature { Method = method, Scheme = "http", Protocol = path.StartsWith("/opentelemetry", StringComparison.Ordinal) ? "HTTP/2" : "HTTP/1.1", Path = path, PathBase = "", RawTarget = path, QueryString = isPost ? "" : Query(random), Body = new MemoryStream(body) };
        request.Headers["Host"] = "localhost";
        if (isPost) request.Headers.ContentType = random.Next(12) == 0 ? mediaTypes[random.Next(mediaTypes.Length)] : MediaType(path, random);
        if (isPost && random.Next(3) > 0) request.Headers.ContentLength = body.Length;
        if (isPost && path.StartsWith("/v1/", StringComparison.Ordinal) && random.Next(12) == 0) request.Headers.ContentEncoding = Any(random, "gzip", "identity", "br", "deflate", "gzip, gzip", "");
        for (var more = random.Next(3); more > 0; more--)
            if (headers[random.Next(headers.Length)] is var name && name != "Content-Length") request.Headers[name] = texts[random.Next(texts.Length)];
        return request;
    }

    /// <summary>The same as bytes on the wire, a few of them changed.</summary>
    public byte[] NextBytes(Random random)
    {
        var request = Next(random, out var body);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Path}{request.QueryString} HTTP/1.1\r\n");
        foreach (var (name, values) in request.Headers) text.Append(CultureInfo.InvariantCulture, $"{name}: {values}\r\n");
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text.Append("\r\n").ToString()), .. body];
        return random.Next(3) == 0 ? bytes : new Mutation(random).Of(bytes, block);
    }

    RouteEndpoint Of(string pattern) => routes.Single(route => route.RoutePattern.RawText == pattern);

    static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["POST"];

    string Path(Random random, RouteEndpoint route)
    {
        var path = new StringBuilder();
        foreach (var segment in route.RoutePattern.PathSegments)
        {
            path.Append('/');
            foreach (var part in segment.Parts)
                path.Append(part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter ? Value(random, parameter.Name) : ((Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart)part).Content);
        }
        return path.Length == 0 ? "/" : path.ToString();
    }

    string Value(Random random, string name) => random.Next(3) == 0 ? texts[random.Next(texts.Length)] : name switch
    {
        "process" => random.Next(50) == 0 ? process.ToString() : Guid.NewGuid().ToString(),
        "stream" => stream.ToString(),
        _ => random.Next(-2, 50).ToString(CultureInfo.InvariantCulture),
    };

    static string Query(Random random)
    {
        var query = new StringBuilder();
        for (var count = random.Next(5); count > 0; count--)
            query.Append(query.Length == 0 ? '?' : '&').Append(parameters[random.Next(parameters.Length)]).Append('=').Append(random.Next(8) == 0 ? texts[random.Next(texts.Length)] : Uri.EscapeDataString(texts[random.Next(texts.Length - 1)].Replace("\ud800", "", StringComparison.Ordinal)));
        return query.ToString();
    }

    static string MediaType(string path, Random random) => path switch
    {
        "/v1/append" => Batch.MediaType,
        "/v1/traces" or "/v1/logs" or "/v1/metrics" => Any(random, "application/x-protobuf", "application/json"),
        _ when path.StartsWith("/opentelemetry", StringComparison.Ordinal) => "application/grpc",
        "/sign-in" => "application/x-www-form-urlencoded",
        _ => "application/json",
    };

    byte[] Body(Random random, string path)
    {
        var mutation = new Mutation(random);
        if (path == "/v1/append")
        {
            var bytes = mutation.Of(batch, block);
            if (random.Next(4) != 0) Mutation.FixBatch(bytes);
            return bytes;
        }
        var text = path == "/v1/commands" ? """{"payload":"TEdDTQEAAAABABAAAAABmKuY6Hx6","signature":"AAAA"}"""
            : """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a"}]}]}]}""";
        return mutation.Of(Encoding.UTF8.GetBytes(text), block);
    }

    static string Any(Random random, params string[] some) => some[random.Next(some.Length)];
}
