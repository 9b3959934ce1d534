using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Google.Protobuf;
using Grpc.Core;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Viewer.Flight;

/// <summary>
/// Answers queries over Arrow Flight. Batches leave as the engine makes them: the next one is made when the client has taken the one before, and no more once it is gone.
/// A descriptor's command, and a ticket, is a <see cref="SqlRequest"/>; its path names a view.
/// </summary>
sealed partial class LakeFlights(TenantLakes lakes, SqlWorkers workers, TimeProvider clock, ILogger<LakeFlights> log) : FlightServer
{
    public override Task DoGet(FlightTicket ticket, FlightServerRecordBatchStreamWriter responseStream, ServerCallContext context) => AnswerAsync(context, async lake =>
    {
        var request = SqlRequest.Parse(ticket.Ticket.Span, clock.GetUtcNow());
        using var result = await lake.QueryAsync(request.Sql, workers, request.Options, context.CancellationToken);
        await foreach (var batch in result.ReadBatchesAsync(context.CancellationToken))
            using (batch) await responseStream.WriteAsync(batch);
        return true;
    });

    public override Task<FlightInfo> GetFlightInfo(FlightDescriptor request, ServerCallContext context) =>
        AnswerAsync(context, async lake => Info(request, await SchemaAsync(lake, request, context.CancellationToken)));

    public override Task<Schema> GetSchema(FlightDescriptor request, ServerCallContext context) =>
        AnswerAsync(context, lake => SchemaAsync(lake, request, context.CancellationToken));

    public override Task ListFlights(FlightCriteria request, Grpc.Core.IAsyncStreamWriter<FlightInfo> responseStream, ServerCallContext context) => AnswerAsync(context, async lake =>
    {
        var types = (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, null, context.CancellationToken))
            .Where(stream => stream.Class == Format.StreamClass.Other).Select(stream => $"{Views.EventsSchema}.{stream.Name}").Distinct().Order(StringComparer.Ordinal);
        foreach (var view in Views.All.Select(view => view.Name).Concat(types))
        {
            var descriptor = FlightDescriptor.CreatePathDescriptor(view);
            await responseStream.WriteAsync(Info(descriptor, await SchemaAsync(lake, descriptor, context.CancellationToken)));
        }
        return true;
    });

    public override Task DoPut(FlightServerRecordBatchStreamReader requestStream, Grpc.Core.IAsyncStreamWriter<FlightPutResult> responseStream, ServerCallContext context) => throw Unimplemented();
    public override Task DoExchange(FlightServerRecordBatchStreamReader requestStream, FlightServerRecordBatchStreamWriter responseStream, ServerCallContext context) => throw Unimplemented();
    public override Task DoAction(FlightAction request, Grpc.Core.IAsyncStreamWriter<FlightResult> responseStream, ServerCallContext context) => throw Unimplemented();
    public override Task Handshake(IAsyncStreamReader<FlightHandshakeRequest> requestStream, Grpc.Core.IAsyncStreamWriter<FlightHandshakeResponse> responseStream, ServerCallContext context) => throw Unimplemented();
    public override Task ListActions(Grpc.Core.IAsyncStreamWriter<FlightActionType> responseStream, ServerCallContext context) => Task.CompletedTask;

    /// <summary>Nothing is built for it: what the columns are does not depend on rows.</summary>
    async Task<Schema> SchemaAsync(Lake lake, FlightDescriptor descriptor, CancellationToken cancellation)
    {
        var request = SqlRequest.Parse(Command(descriptor).Span, clock.GetUtcNow());
        var options = request.Options with { ColumnsOnly = true };
        // What a path names is asked in our own words, and for all views at once.
        if (descriptor.Type != FlightDescriptorType.Command)
        {
            using var own = await lake.QueryAsync(request.Sql, options, cancellation);
            return await FirstAsync(own.ReadBatchesAsync(cancellation));
        }
        using var result = await lake.QueryAsync(request.Sql, workers, options, cancellation);
        return await FirstAsync(result.ReadBatchesAsync(cancellation));
    }

    static async Task<Schema> FirstAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        Schema? schema = null;
        await foreach (var batch in batches)
            using (batch) schema ??= batch.Schema;
        return schema ?? throw new InvalidOperationException("a result without a batch");
    }

    static FlightInfo Info(FlightDescriptor descriptor, Schema schema) => new(schema, descriptor, [new FlightEndpoint(new FlightTicket(Command(descriptor)), [])]);

    /// <summary>The question that a descriptor stands for.</summary>
    static ByteString Command(FlightDescriptor descriptor)
    {
        if (descriptor.Type == FlightDescriptorType.Command) return descriptor.Command;
        var path = descriptor.Paths?.ToArray() ?? [];
        if (path is not [var name]) throw new MalformedQuestionException($"expected a command, or a path of one name, saw a path of {path.Length}");
        var prefix = Views.EventsSchema + ".";
        var quoted = name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? $"{Views.EventsSchema}.{Quote(name[prefix.Length..])}" : Quote(name);
        return ByteString.CopyFromUtf8($"SELECT * FROM {quoted}");

        static string Quote(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
    }

    /// <summary>The border of a call: what goes wrong behind it is a status here, with one sentence.</summary>
    async Task<T> AnswerAsync<T>(ServerCallContext context, Func<Lake, Task<T>> answer)
    {
        try
        {
            return await answer(lakes.Of(context.GetHttpContext()));
        }
        catch (Exception) when (context.CancellationToken.IsCancellationRequested)
        {
            throw Refusal(StatusCode.Cancelled, "the call was cancelled");
        }
        catch (Exception cause) when (cause is QueryException or MalformedQuestionException)
        {
            throw Refusal(StatusCode.InvalidArgument, cause.Message);
        }
        catch (SqlBusyException cause)
        {
            throw Refusal(StatusCode.ResourceExhausted, cause.Message);
        }
        catch (NotInLakeException cause)
        {
            throw Refusal(StatusCode.NotFound, cause.Message);
        }
        catch (RemovedMeanwhileException cause)
        {
            throw Refusal(StatusCode.Aborted, cause.Message);
        }
        catch (StoreUnavailableException cause)
        {
            Failed(log, context.Method, cause);
            throw Refusal(StatusCode.Unavailable, "the lake cannot be read at the moment; try again");
        }
        catch (Exception cause)
        {
            Failed(log, context.Method, cause);
            throw Refusal(StatusCode.Internal, "this could not be answered; the server's log says why");
        }
    }

    static RpcException Unimplemented() => Refusal(StatusCode.Unimplemented, "this service answers questions (GetFlightInfo, GetSchema, ListFlights, DoGet) and takes nothing");

    static RpcException Refusal(StatusCode code, string sentence) => new(new Status(code, sentence));

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} could not be answered")]
    static partial void Failed(ILogger log, string method, Exception cause);
}
