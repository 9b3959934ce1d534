using Legion.Store;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Legion.Ingestion;

/// <summary>A request's body as its protocol wraps it.</summary>
/// <param name="Bytes">The message, perhaps compressed.</param>
readonly record struct ExportMessage(ReadOnlyMemory<byte> Bytes, string MediaType, bool IsGzip);

/// <summary>
/// Takes an export of OpenTelemetry over HTTP or gRPC: the body is counted as it comes and filed as it came. Nobody here looks into it.
/// </summary>
sealed partial class ExportFiling(ArrivalAppend arrivals, Admission admission, IngestionLimits limits, IngestionCounts counts, ILogger log)
{
    /// <param name="unwrap">Finds the message in the body.</param>
    /// <returns>Null where it is filed; otherwise why it is not.</returns>
    public async Task<ExportRefusal?> FileAsync(HttpContext context, ExportSignal signal, Func<ReadOnlyMemory<byte>, ExportMessage> unwrap)
    {
        try
        {
            using var admitted = await admission.AdmitAsync(context, limits.ExportBytes);
            if (!admitted.IsIn)
            {
                counts.Refused(admitted.Refused.Reason);
                return ExportRefusal.Of(admitted.Refused);
            }
            var message = unwrap(admitted.Bytes);
            if (message.IsGzip && !GzipSize.IsAtMost(message.Bytes, limits.ExportBytes)) return TooLarge();
            return await admitted.StoreAsync<ExportRefusal?>(async (_, patience) =>
            {
                await arrivals.AppendAsync(Asking.TenantOf(context), signal, message.MediaType, message.IsGzip, message.Bytes, patience);
                return null;
            }, context.RequestAborted);
        }
        catch (InvalidDataException cause)
        {
            return Malformed(cause.Message);
        }
        catch (Exception cause) when (cause is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            return ExportRefusal.Again("the request broke off"); // nobody hears this: the client is gone, and sends the request again
        }
        catch (BadHttpRequestException cause)
        {
            return cause.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : Malformed(cause.Message);
        }
        catch (Exception cause)
        {
            counts.Refused(Refusal.Store);
            NotFiled(log, cause);
            return ExportRefusal.Again(cause is StoreUnavailableException ? cause.Message : "the request could not be stored; the server's log says why");
        }
    }

    ExportRefusal TooLarge()
    {
        counts.Refused(Refusal.TooLarge);
        return ExportRefusal.Of(Admission.TooLarge(limits.ExportBytes));
    }

    ExportRefusal Malformed(string reason)
    {
        counts.Refused(Refusal.Malformed);
        return new(ExportRefusalCode.InvalidArgument, reason);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An export of OpenTelemetry could not be stored")]
    static partial void NotFiled(ILogger log, Exception cause);
}
