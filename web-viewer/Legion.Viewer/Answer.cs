using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Legion.Viewer;

/// <summary>How long a browser may keep an answer without asking again.</summary>
enum Keeping
{
    /// <summary>Not at all: it may be another one at any time.</summary>
    Never,

    /// <summary>As long as the server says that it is still the same.</summary>
    Unchanged,

    /// <summary>For good: the address changes with the content.</summary>
    Forever,
}

/// <summary>How a browser takes a file that a program sent along.</summary>
/// <param name="Name">As its program says: any text.</param>
/// <param name="IsShown">It is shown; otherwise saved.</param>
sealed record SentAlong(string Name, bool IsShown);

/// <summary>A complete answer to a request.</summary>
sealed record Answer(int Status, string MediaType, ReadOnlyMemory<byte> Bytes, Keeping Keeping)
{
    const string JsonType = "application/json";

    static readonly ConditionalWeakTable<object, ConcurrentDictionary<string, ReadOnlyMemory<byte>>> compressedOnce = [];

    /// <summary>Below this compression saves no packet.</summary>
    const int LeastCompressedBytes = 1024;

    /// <summary>What systems take for a path, a device or markup, and what a header escapes.</summary>
    const string NotInNames = "/\\:\"<>|?*";

    /// <summary>Identifies the content; for <see cref="Keeping.Unchanged"/>.</summary>
    public string? Tag { get; init; }

    /// <summary>What keeps the bytes for others who ask; as long as it is there, so is what they were compressed to.</summary>
    public object? KeptBy { get; init; }

    /// <summary>Where it is a file that a program sent along.</summary>
    public SentAlong? File { get; init; }

    /// <summary>What a browser may do with it, where that is not what it may do with any page of the viewer.</summary>
    public string? Policy { get; init; }

    public static Answer Json(Action<Utf8JsonWriter> write, Keeping keeping = Keeping.Never)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return new Answer(StatusCodes.Status200OK, JsonType, buffer.WrittenMemory, keeping);
    }

    /// <param name="position">Where in the SQL, as a number of characters.</param>
    public static Answer Error(int status, string sentence, int? position = null) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("error", sentence);
        if (position is { } at) json.WriteNumber("position", at);
        json.WriteEndObject();
    }) with { Status = status };

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = Keeping switch
        {
            Keeping.Forever => "private, max-age=31536000, immutable",
            Keeping.Unchanged => "no-cache",
            _ => "no-store",
        };
        if (Policy is not null) response.Headers.ContentSecurityPolicy = Policy;
        if (File is not null) Describe(File, response.Headers);
        if (Tag is not null)
        {
            response.Headers.ETag = Tag;
            if (context.Request.Headers.IfNoneMatch == Tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        var bytes = Compressed(context.Request, response);
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    static void Describe(SentAlong file, IHeaderDictionary headers)
    {
        PagePolicy.ApplyToFile(headers);
        var disposition = new ContentDispositionHeaderValue(file.IsShown ? "inline" : "attachment");
        disposition.SetHttpFileName(new string([.. file.Name.Select(letter => char.IsControl(letter) || NotInNames.Contains(letter) ? '_' : letter)]));
        headers.ContentDisposition = disposition.ToString();
    }

    ReadOnlyMemory<byte> Compressed(HttpRequest request, HttpResponse response)
    {
        if (Bytes.Length < LeastCompressedBytes) return Bytes;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        if (new[] { "br", "gzip" }.FirstOrDefault(encoding => Accepts(accepted, encoding)) is not { } chosen) return Bytes;
        response.Headers.ContentEncoding = chosen;
        return KeptBy is null ? CompressedTo(chosen) : compressedOnce.GetOrCreateValue(KeptBy).GetOrAdd(chosen, CompressedTo);
    }

    static bool Accepts(IEnumerable<StringWithQualityHeaderValue> accepted, string encoding) =>
        accepted.Any(item => item.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && item.Quality is not 0);

    ReadOnlyMemory<byte> CompressedTo(string encoding)
    {
        var compressed = new MemoryStream(Bytes.Length / 4);
        using (Stream stream = encoding == "br" ? new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true) : new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(Bytes.Span);
        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }
}
