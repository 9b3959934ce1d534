using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>OTLP over HTTP: the message is the body, in protobuf or JSON, and refusals are a <c>google.rpc.Status</c> in the same.</summary>
static class OtlpHttp
{
    public static async Task ExportAsync(HttpContext context, ExportSignal signal, ExportFiling filing)
    {
        var (request, response) = (context.Request, context.Response);
        var isJson = IsMediaType(request, ArrivalRow.Json);
        var coding = request.Headers.ContentEncoding.ToString();
        var isGzip = coding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        ExportRefusal? refusal;
        if (!isJson && !IsMediaType(request, ArrivalRow.Protobuf))
            refusal = new(ExportRefusalCode.Unimplemented, $"expected media type {ArrivalRow.Protobuf} or {ArrivalRow.Json}, saw '{request.ContentType}'");
        else if (!isGzip && coding is not ("" or "identity"))
            refusal = new(ExportRefusalCode.Unimplemented, $"expected content encoding gzip or none, saw '{coding}'");
        else
            refusal = await filing.FileAsync(context, signal, body => new ExportMessage(body, isJson ? ArrivalRow.Json : ArrivalRow.Protobuf, isGzip));

        response.ContentType = isJson ? ArrivalRow.Json : ArrivalRow.Protobuf;
        // An empty response in protobuf is no bytes at all.
        byte[] answer = refusal is null ? (isJson ? [.. "{}"u8] : []) : isJson ? RpcStatus.ToJson(refusal) : RpcStatus.ToProtobuf(refusal);
        if (refusal is not null)
        {
            response.StatusCode = refusal.HttpStatus;
            if (refusal.RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = $"{seconds}";
        }
        response.ContentLength = answer.Length;
        await response.Body.WriteAsync(answer);
    }

    static bool IsMediaType(HttpRequest request, string mediaType)
    {
        var seen = request.ContentType.AsSpan();
        var parameters = seen.IndexOf(';');
        if (parameters >= 0) seen = seen[..parameters];
        return seen.Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }
}
