using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;
using Legion.Tests.Format;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Legion.Tests.Fuzz;

/// <summary>Requests to the mapped routes, by a seeded random: most are right in all but one or two places, as what is wrong everywhere is refused at the door.</summary>
/// <param name="key">One that is accepted.</param>
sealed class HostileRequests(IReadOnlyList<RouteEndpoint> routes, Guid process, Guid stream, string key)
{
    static readonly string[] parameters = ["from_ns", "to_ns", "name", "search", "text", "min_level", "after", "limit", "g", "depth", "lane", "mode", "function", "link", "title", "days"];

    static readonly string[] headers = ["Content-Type", "Content-Encoding", "Accept-Encoding", "If-None-Match", "Authorization", "Cookie", "Range", "Expect", "Host", "Content-Length"];

    static readonly string[] mediaTypes = [Batch.MediaType, "application/json", "application/x-protobuf", "application/grpc", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ";", ""];

    static readonly string[] texts =
    [
        "", "0", "-1", "1", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e9", "NaN", "null", "true", "%", "%00", "\0", "'", "\"", "';--", "../..", "<script>",
        "a b", "\ud800", "\u202e", "é", "{}", "[]", "x'00'", "$process", "1767225600000000000", "1767225600000030000", "trace", "error", "left-heavy", "sandwich", "*", "gzip", "br;q=0", "gzip, br", "identity;q=2", "W/\"1\"", new('a', 5_000),
    ];

    readonly byte[] batch = GoldenFiles.Read("all.legion");
    readonly byte[] block = GoldenFiles.Read("logs.block");

    /// <summary>A line of JSON and the same in protobuf, for each signal in their order.</summary>
    readonly (byte[] Json, byte[] Protobuf)[] exports =
        [.. File.ReadLines(System.IO.Path.Combine(RepositoryTree.Root, "tests", "data", "otlp", "collector.json")).Select((line, i) => Export(Encoding.UTF8.GetBytes(line), (ExportSignal)(i + 1)))];

    readonly RouteEndpoint[] ofExports = [.. routes.Where(route => SignalOf(route.RoutePattern.RawText!) is not null)];
    readonly RouteEndpoint[] ofFlight = [.. routes.Where(route => IsFlight(route.RoutePattern.RawText!))];
    readonly RouteEndpoint[] others = [.. routes.Where(route => !IsFlight(route.RoutePattern.RawText!))];

    /// <summary>How often each route was asked, by its name.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>Methods and pattern.</summary>
    public static string NameOf(RouteEndpoint route) => $"{string.Join(',', Methods(route))} {route.RoutePattern.RawText}";

    public HttpRequestFeature Next(Random random, out byte[] body)
    {
        // Most go to what reads bytes itself, and costs no write to a disk where they are wrong.
        var route = random.Next(20) switch
        {
            < 14 => Of("/v1/append"),
            < 15 => Of("/v1/commands"),
            < 16 => ofExports[random.Next(ofExports.Length)],
            // Each that comes to SQL opens a query engine, which takes as long as a thousand others.
            < 17 when random.Next(20) == 0 => ofFlight[random.Next(ofFlight.Length)],
            _ => others[random.Next(others.Length)],
        };
        Asked.AddOrUpdate(NameOf(route), 1, (_, times) => times + 1);
        var method = random.Next(20) == 0 ? Any(random, "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X") : Methods(route)[random.Next(Methods(route).Count)];
        var path = Path(random, route);
        var isPost = method == "POST";
        var mediaType = MediaType(path, random);
        body = !isPost ? [] : SignalOf(path) is { } signal ? Export(random, signal, mediaType == ArrivalRow.Json, isFramed: !path.StartsWith("/v1/", StringComparison.Ordinal)) : Body(random, path);
        var request = new HttpRequestFeature { Method = method, Scheme = "http", Protocol = IsGrpc(path) ? "HTTP/2" : "HTTP/1.1", Path = path, PathBase = "", RawTarget = path, QueryString = isPost ? "" : Query(random), Body = new MemoryStream(body) };
        request.Headers["Host"] = "localhost";
        if (isPost) request.Headers.ContentType = random.Next(12) == 0 ? mediaTypes[random.Next(mediaTypes.Length)] : mediaType;
        if (isPost && random.Next(3) > 0) request.Headers.ContentLength = body.Length;
        if (IsGzip(body)) request.Headers[path.StartsWith("/v1/", StringComparison.Ordinal) ? "Content-Encoding" : "grpc-encoding"] = "gzip";
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
        "/v1/traces" or "/v1/logs" or "/v1/metrics" => Any(random, ArrivalRow.Protobuf, ArrivalRow.Json),
        _ when IsGrpc(path) => "application/grpc",
        "/api/reports" => "text/html",
        "/sign-in" or "/sign-out" => "application/x-www-form-urlencoded",
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
        if (path == "/api/links") return mutation.Of(Encoding.UTF8.GetBytes($$"""{"address":"{{Any(random, $"/process/{process}/logs?q=a&link=222222222222", "/", "//a", texts[random.Next(texts.Length)])}}","frozen":{{Any(random, "true", "false", "1")}},"days":{{Any(random, "1", "-1", "1e300", "null")}}}"""), block);
        if (path == "/api/query") return mutation.Of(Encoding.UTF8.GetBytes($$"""{"sql":"{{Any(random, "SELECT 1", $"SELECT * FROM spans WHERE process_id = '{process}'", "SELECT $a", texts[random.Next(texts.Length)])}}","parameters":{"a":{{Any(random, "1", "null", "[]")}}},"rows":{{Any(random, "1", "-1", "1e300")}}}"""), block);
        if (path == "/api/reports") return mutation.Of(Encoding.UTF8.GetBytes($"<!DOCTYPE html><html><head>{Any(random, "", "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">")}<title>{texts[random.Next(texts.Length)]}</title></head><body><main><p>{process}</p>{Any(random, "", "<script type=\"application/json\">{}</script>", "<script type=\"module\">1</script>", "<svg><template><script>", "<p onclick=a>", "<a href=javascript:a>")}</main></body></html>"), block);
        if (IsFlight(path)) return Framed(random, FlightMessage(random), isGzip: false);
        var text = path == "/v1/commands" ? """{"payload":"TEdDTQEAAAABABAAAAABmKuY6Hx6","signature":"AAAA"}""" : $"key={(random.Next(3) == 0 ? key : texts[random.Next(texts.Length)])}&next=%2Fprocess%2F1";
        return mutation.Of(Encoding.UTF8.GetBytes(text), block);
    }

    /// <summary>An export whose message is damaged by its structure or by its bytes, and mostly right around that.</summary>
    byte[] Export(Random random, ExportSignal signal, bool isJson, bool isFramed)
    {
        var (json, protobuf) = exports[(int)signal - 1];
        var message = (isJson, random.Next(3)) switch
        {
            (true, _) => new Mutation(random).Of(json, block),
            (_, 0) => new Mutation(random).Of(protobuf, block),
            _ => new ProtobufMutation(random).Of(protobuf),
        };
        var isGzip = random.Next(4) == 0;
        if (isGzip) message = Gzip(message);
        if (isGzip && random.Next(4) == 0) message = new Mutation(random).Of(message, block);
        return isFramed ? Framed(random, message, isGzip) : message;
    }

    /// <summary>A ticket or a descriptor of Arrow Flight with SQL in it, which have the same field for it; mostly damaged in the message or in the SQL.</summary>
    byte[] FlightMessage(Random random)
    {
        var sql = Any(random, "SELECT exe FROM processes", $"SELECT name FROM spans WHERE process_id = '{process}'", """{"sql":"SELECT $x AS x","parameters":{"x":1},"from":"now-1h"}""", "SELECT * FROM parse_block('x')", "FROM nothing");
        var text = random.Next(2) == 0 ? Encoding.UTF8.GetBytes(sql) : new Mutation(random).Of(Encoding.UTF8.GetBytes(sql), block);
        using var message = new MemoryStream();
        using (var output = new CodedOutputStream(message, leaveOpen: true))
        {
            var isTicket = random.Next(2) == 0;
            if (!isTicket)
            {
                output.WriteTag(1, WireFormat.WireType.Varint);
                output.WriteEnum(2);
            }
            output.WriteTag(isTicket ? 1 : 2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(text));
        }
        return random.Next(3) == 0 ? new ProtobufMutation(random).Of(message.ToArray()) : message.ToArray();
    }

    byte[] Framed(Random random, byte[] message, bool isGzip)
    {
        byte[] framed = [(byte)(isGzip ? 1 : 0), 0, 0, 0, 0, .. message];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Length);
        return random.Next(6) == 0 ? new Mutation(random).Of(framed, block) : framed;
    }

    static bool IsFlight(string path) => path.StartsWith("/arrow.flight", StringComparison.Ordinal);

    static bool IsGrpc(string path) => IsFlight(path) || path.StartsWith("/opentelemetry", StringComparison.Ordinal);

    static (byte[] Json, byte[] Protobuf) Export(byte[] json, ExportSignal signal) => (json, OtlpJson.Read(ExportReader.Read(signal, [], keepUnknown: false), json).ToByteArray());

    static ExportSignal? SignalOf(string path) => path switch
    {
        "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => ExportSignal.Traces,
        "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => ExportSignal.Metrics,
        "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => ExportSignal.Logs,
        _ => null,
    };

    static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return compressed.ToArray();
    }

    /// <summary>Whether the body, or the message in its frame, is compressed.</summary>
    static bool IsGzip(ReadOnlySpan<byte> body) => body.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) || body.Length > 7 && body[5..].StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]);

    static string Any(Random random, params string[] some) => some[random.Next(some.Length)];
}
