using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>
/// Takes signed commands for processes, which <see cref="NewsForProcesses"/> hands out with the answers to what these send (FORMAT.md, "Remote commands").
/// Only the process has the key that says who signed: whoever may leave a command here, nobody obeys a forged one.
/// </summary>
sealed class CommandEndpoint(ICatalog catalog, NewsForProcesses news, Admission admission, IngestionCounts counts, TimeProvider clock)
{
    /// <summary>Commands that may wait for one process: a signed one finds room beside some that are not.</summary>
    const int MostPerProcess = 16;

    /// <summary>Base64 of the largest command and its signature, with room to spare.</summary>
    const int MostBodyBytes = 16 << 10;

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public async Task PostAsync(HttpContext context)
    {
        // A page of another site could send other types without the browser's asking first.
        if (!context.Request.HasJsonContentType())
        {
            counts.Refused(Refusal.MediaType);
            await AnswerAsync(context.Response, StatusCodes.Status415UnsupportedMediaType, $"expected media type application/json, saw '{context.Request.ContentType}'");
            return;
        }
        try
        {
            using var admitted = await admission.AdmitAsync(context, MostBodyBytes);
            if (!admitted.IsIn)
            {
                counts.Refused(admitted.Refused.Reason);
                admitted.Refused.ApplyTo(context.Response);
                await AnswerAsync(context.Response, admitted.Refused.Status, admitted.Refused.Sentence);
                return;
            }
            var signed = Read(admitted.Bytes);
            var command = RemoteCommand.Read(signed.Payload.Span);
            if (command.Number > long.MaxValue) throw new InvalidDataException($"command: expected a number below 2^63, saw {command.Number}");
            var time = command.TimeToLive < RemoteCommand.LongestTimeToLive ? command.TimeToLive : RemoteCommand.LongestTimeToLive;
            var now = NowNs;
            var (tenant, holder) = (Asking.TenantOf(context), Asking.HolderOf(context));
            var outcome = await admitted.StoreAsync((_, patience) =>
                catalog.AddCommandAsync(tenant, command, signed, MostPerProcess, now + time.Ticks * TimeSpan.NanosecondsPerTick, now, holder, patience), context.RequestAborted);
            news.Forget(tenant);
            await (outcome switch
            {
                CommandOutcome.UnknownProcess => AnswerAsync(context.Response, StatusCodes.Status404NotFound, $"no process {command.ProcessId} has sent anything"),
                CommandOutcome.Ended => AnswerAsync(context.Response, StatusCodes.Status404NotFound, $"process {command.ProcessId} has ended"),
                CommandOutcome.TooMany => AnswerAsync(context.Response, StatusCodes.Status429TooManyRequests, $"{MostPerProcess} commands wait for process {command.ProcessId}; try again when they have expired"),
                _ => AnswerAsync(context.Response, StatusCodes.Status202Accepted, null),
            });
        }
        catch (Exception cause) when (cause is InvalidDataException or JsonException)
        {
            counts.Refused(Refusal.Malformed);
            await AnswerAsync(context.Response, StatusCodes.Status400BadRequest, cause.Message);
        }
        catch (BadHttpRequestException cause)
        {
            await AnswerAsync(context.Response, cause.StatusCode, cause.Message);
        }
        catch (StoreUnavailableException cause)
        {
            counts.Refused(Refusal.Store);
            context.Response.Headers.RetryAfter = "1";
            await AnswerAsync(context.Response, StatusCodes.Status503ServiceUnavailable, cause.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The sender is gone and hears nothing.
        }
    }

    static SignedCommand Read(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return SignedCommand.Read(json.RootElement);
    }

    static async Task AnswerAsync(HttpResponse response, int status, string? error)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("error", error);
        json.WriteEndObject();
    }
}
