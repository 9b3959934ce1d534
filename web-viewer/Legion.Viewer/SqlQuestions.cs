using System.Globalization;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Sql.Workers;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>
/// Answers people's SQL by workers. The body is a <see cref="SqlRequest"/> as JSON; the answer is an Arrow stream with one row more than was asked for, where there are more,
/// and says in a header what it read. Where the engine fails behind the first megabytes the answer breaks off.
/// </summary>
sealed class SqlQuestions(SqlWorkers workers, TimeProvider clock)
{
    const string ArrowType = "application/vnd.apache.arrow.stream", ReceiptHeader = "Legion-Receipt";

    const int MostRequestBytes = 1 << 20;

    /// <summary>So much is made before any of it leaves, so that what fails until then is told by its status.</summary>
    const int HeldBytes = 4 << 20;

    public async Task AnswerAsync(HttpContext context, Lake lake)
    {
        if (SignIn.IsFromElsewhere(context.Request))
        {
            await Answer.Error(StatusCodes.Status403Forbidden, "expected a page of this service, saw one of another site").WriteAsync(context);
            return;
        }
        try
        {
            await RunAsync(context, lake);
        }
        catch (QueryException) when (context.Response.HasStarted)
        {
            context.Abort(); // whoever reads must not take what came for all of it
        }
        catch (QueryException cause)
        {
            await Answer.Error(StatusCodes.Status400BadRequest, cause.Message, cause.Position).WriteAsync(context);
        }
    }

    async Task RunAsync(HttpContext context, Lake lake)
    {
        var cancellation = context.RequestAborted;
        using var json = await new Question(context).JsonAsync(MostRequestBytes);
        var request = SqlRequest.Parse(Bytes(json.RootElement), clock.GetUtcNow());
        using var result = await lake.QueryAsync(request.Sql, workers, request.Options, cancellation);
        var held = new MemoryStream();
        var response = context.Response;
        var isStarted = false;
        await foreach (var bytes in result.ReadBytesAsync(request.Rows + 1, cancellation))
        {
            if (!isStarted && held.Length + bytes.Length > HeldBytes) await StartAsync();
            if (isStarted) await response.Body.WriteAsync(bytes, cancellation);
            else held.Write(bytes.Span);
        }
        if (!isStarted) await StartAsync();

        async Task StartAsync()
        {
            isStarted = true;
            response.ContentType = ArrowType;
            response.Headers.CacheControl = "no-store";
            response.Headers[ReceiptHeader] = Json(result.Receipt);
            await response.Body.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancellation);
        }
    }

    static byte[] Bytes(JsonElement json)
    {
        try
        {
            return Encoding.UTF8.GetBytes(json.GetRawText());
        }
        catch (InvalidOperationException)
        {
            throw new MalformedQuestionException("expected JSON in UTF-8, saw bytes that are none");
        }
    }

    /// <summary>Times in milliseconds, bytes of the partitions read, and the end of the newest block in nanoseconds as text.</summary>
    static string Json(Receipt receipt)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("planMs", receipt.Plan.TotalMilliseconds);
            json.WriteNumber("buildMs", receipt.Building.TotalMilliseconds);
            json.WriteNumber("built", receipt.Build.Built);
            json.WriteNumber("bytes", receipt.PartitionBytes);
            json.WriteNumber("lost", receipt.LostEvents);
            json.WriteString("newestNs", receipt.NewestNs?.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        return Encoding.ASCII.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
