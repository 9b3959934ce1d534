using System.Buffers.Binary;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>
/// OTLP over gRPC. A call with one message and one answer is a POST over HTTP/2 whose body is one frame: a byte that says whether the message
/// is compressed, its length, the message; the status is a trailer. No library stands between: a library has the whole message in memory,
/// decompressed, before anybody can say that there is no room, and here the body is counted as it comes and filed as it came.
/// </summary>
static class OtlpGrpc
{
    const string MediaType = "application/grpc";
    const int FrameBytes = 5;

    public static async Task ExportAsync(HttpContext context, ExportSignal signal, ExportFiling filing)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpProtocol.IsHttp2(request.Protocol))
        {
            response.StatusCode = StatusCodes.Status426UpgradeRequired;
            response.Headers.Upgrade = "h2c";
            return;
        }
        if (request.ContentType is not (MediaType or MediaType + "+proto"))
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        var coding = request.Headers["grpc-encoding"].ToString();
        ExportRefusal? refusal;
        if (coding is not ("" or "identity" or "gzip"))
            refusal = new(ExportRefusalCode.Unimplemented, $"expected messages compressed by gzip or not at all, saw '{coding}'");
        else
            refusal = await filing.FileAsync(context, signal, body => Unwrap(body, coding));

        response.ContentType = MediaType;
        response.Headers["grpc-accept-encoding"] = "identity,gzip";
        if (refusal is not null)
        {
            // Without a message the trailers are the headers.
            response.Headers["grpc-status"] = $"{(int)refusal.Code}";
            response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Message);
            response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(RpcStatus.ToProtobuf(refusal)).TrimEnd('=');
            return;
        }
        await response.Body.WriteAsync(new byte[FrameBytes]); // an empty response
        response.AppendTrailer("grpc-status", "0");
    }

    /// <exception cref="InvalidDataException">The body is not one frame.</exception>
    static ExportMessage Unwrap(ReadOnlyMemory<byte> body, string coding)
    {
        if (body.Length < FrameBytes) throw new InvalidDataException($"expected a frame of at least {FrameBytes} bytes, saw {body.Length}");
        var isCompressed = body.Span[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]);
        if (isCompressed > 1 || isCompressed == 1 && coding != "gzip") throw new InvalidDataException($"expected a frame that is not compressed or of grpc-encoding gzip, saw flag {isCompressed} and '{coding}'");
        if (length != body.Length - FrameBytes) throw new InvalidDataException($"expected one message of {length} bytes, saw {body.Length - FrameBytes}");
        return new ExportMessage(body[FrameBytes..], ArrivalRow.Protobuf, isCompressed == 1);
    }
}
