using System.Diagnostics;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Legion.Cli;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;
using Legion.Tests.Support;
using Legion.Viewer;
using Legion.Viewer.Flight;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Viewer;

/// <summary>SQL over Arrow Flight, asked by its own client.</summary>
public sealed class FlightTests : IAsyncLifetime
{
    static readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner
        main end 5000
        main end 20000
        log 1000 info main "hello"
        log 5000000000 warn main "later"
        event Frame 100 number=1 gpu=2.5
        """);

    readonly TestLake lake = new();
    readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Credential? credential;
    WebApplication app = null!;
    GrpcChannel channel = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    FlightClient Client => new(channel);

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2));
        builder.Logging.ClearProviders();
        builder.Services.AddViewer(lake.Store, TestWorkers.Program, new SqlLimits(), Notebooks.ReadReport);
        builder.Services.AddFlight();
        app = builder.Build();
        app.Use(async (context, next) =>
        {
            begun.TrySetResult();
            context.Features.Set(credential);
            try
            {
                await next(context);
            }
            finally
            {
                ended.TrySetResult();
            }
        });
        app.MapFlight();
        await app.StartAsync(Cancellation);
        channel = GrpcChannel.ForAddress(app.Urls.Single(), new GrpcChannelOptions { MaxReceiveMessageSize = null });
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await app.DisposeAsync();
        lake.Dispose();
    }

    [Theory]
    [InlineData("SELECT name, duration_ns FROM spans WHERE process_id = '{0}' ORDER BY begin_ns", "outer 19000|inner 3000")]
    [InlineData("""{{"sql": "SELECT message, $n + 1 AS n FROM log_entries WHERE process_id = $p", "parameters": {{"p": "{0}", "n": 41}}, "to": "2026-01-01T00:00:02Z"}}""", "hello 42")]
    [InlineData("""{{"sql": "SELECT message, $b AS b FROM log_entries", "parameters": {{"b": true}}, "from": "2026-01-01T00:00:02Z"}}""", "later true")]
    [InlineData("SELECT number, gpu FROM events.Frame", "1 2.5")]
    [InlineData("SELECT message, level FROM log_entries WHERE false", "")]
    public async Task A_ticket_is_a_query(string ticket, string expected)
    {
        Assert.Equal(expected, await RowsAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, ticket, script.ProcessId)));
    }

    [Fact]
    public async Task A_flight_says_its_columns_before_anything_is_built()
    {
        var descriptor = FlightDescriptor.CreateCommandDescriptor(ByteString.CopyFromUtf8($"SELECT name, duration_ns, end_time FROM spans WHERE process_id = '{script.ProcessId}'").ToByteArray());

        var info = await Client.GetInfo(descriptor);
        var schema = await Client.GetSchema(descriptor);

        Assert.Equal(["name utf8", "duration_ns int64", "end_time timestamp"], schema.FieldsList.Select(field => $"{field.Name} {field.DataType.Name}"));
        Assert.Equal(schema.FieldsList.Select(field => field.Name), info.Schema.FieldsList.Select(field => field.Name));
        Assert.Empty(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation));
        Assert.Equal(2, (await BatchesAsync(info.Endpoints.Single().Ticket)).Sum(batch => batch.Length));
        Assert.Equal(["number", "gpu"], (await Client.GetSchema(FlightDescriptor.CreatePathDescriptor("events.Frame"))).FieldsList.Select(field => field.Name).Where(name => name is "number" or "gpu"));
    }

    [Fact]
    public async Task The_flights_are_the_views()
    {
        var flights = new Dictionary<string, string[]>();
        using var call = Client.ListFlights();
        while (await call.ResponseStream.MoveNext(Cancellation))
            flights.Add(call.ResponseStream.Current.Descriptor.Paths.Single(), [.. call.ResponseStream.Current.Schema.FieldsList.Select(field => field.Name)]);

        Assert.Equal(Views.All.Select(view => view.Name).Append("events.Frame").Order(), flights.Keys.Order());
        foreach (var view in Views.All) Assert.Equal(view.Columns.Select(column => column.Name), flights[view.Name][..view.Columns.Count]);
    }

    [Theory]
    [InlineData("SELECT nonsense FROM processes", StatusCode.InvalidArgument, "nonsense")]
    [InlineData("DROP TABLE processes", StatusCode.InvalidArgument, "a query is one SELECT")]
    [InlineData("SELECT * FROM spans", StatusCode.InvalidArgument, "spans is read per process")]
    [InlineData("SELECT error('by the row')", StatusCode.InvalidArgument, "by the row")]
    [InlineData("SELECT * FROM spans WHERE process_id = '00000000-0000-0000-0000-000000000001'", StatusCode.NotFound, "there is no process")]
    [InlineData("", StatusCode.InvalidArgument, "expected SQL, saw nothing")]
    [InlineData("{\"sql\": 5}", StatusCode.InvalidArgument, "expected sql as text, saw 5")]
    [InlineData("{\"sql\": \"SELECT 1\", \"since\": \"now\"}", StatusCode.InvalidArgument, "saw 'since'")]
    [InlineData("{\"sql\": \"SELECT 1\", \"from\": \"soon\"}", StatusCode.InvalidArgument, "cannot read 'soon' as a time")]
    [InlineData("{\"sql\": ", StatusCode.InvalidArgument, "expected SQL, or a JSON object with it")]
    public async Task What_cannot_be_answered_has_a_status_and_a_sentence(string ticket, StatusCode code, string sentence)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => RowsAsync(ticket));
        Assert.Equal(code, refusal.StatusCode);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_is_written_down_with_who_asked_it()
    {
        credential = new Credential("key ann", Tenant.Default, KeyRole.Read);
        Assert.Equal("499999500000", await RowsAsync("SELECT sum(DISTINCT i)::BIGINT AS s FROM range(1000000) AS t(i)"));
        await ended.Task;
        await app.DisposeAsync(); // writes down what is not yet
        var row = Assert.Single(await lake.Store.Catalog.ReadQueryAuditAsync(Tenant.Default, 10, Cancellation));
        Assert.Equal(("key ann", "SELECT sum(DISTINCT i)::BIGINT AS s FROM range(1000000) AS t(i)", 1L, QueryOutcome.Ok), (row.Actor, row.Sql, row.Rows, row.Outcome));
        Assert.InRange(row.PeakMemory, 8_000_000, 1 << 30);
    }

    [Fact]
    public async Task Nothing_is_taken()
    {
        using var call = Client.DoAction(new FlightAction("anything"));
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation))).StatusCode);
    }

    [Theory]
    [InlineData("SELECT i FROM range(1000000000000) AS t(i)", true)] // without an end: what is not taken is not made
    [InlineData("SELECT sum(i) FROM range(1000000000000) AS t(i)", false)]
    public async Task A_query_ends_with_its_client(string sql, bool streams)
    {
        using var leaving = new CancellationTokenSource();
        using var call = Client.GetStream(new FlightTicket(sql), null, null, leaving.Token);
        var first = call.ResponseStream.MoveNext(leaving.Token);
        await begun.Task;
        if (streams)
        {
            Assert.True(await first);
            Assert.True(call.ResponseStream.Current.Length > 0);
        }
        Assert.False(ended.Task.IsCompleted);

        var watch = Stopwatch.StartNew();
        await leaving.CancelAsync();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation); // mostly some milliseconds; a machine under load takes its time
        TestContext.Current.TestOutputHelper?.WriteLine($"ended {watch.Elapsed.TotalMilliseconds:F0} ms after the client left");
        if (!streams) await Assert.ThrowsAnyAsync<Exception>(() => first);
    }

    /// <summary>Rows with '|' between them.</summary>
    async Task<string> RowsAsync(string ticket)
    {
        var rows = new List<string>();
        foreach (var batch in await BatchesAsync(new FlightTicket(ticket)))
            for (var row = 0; row < batch.Length; row++) rows.Add(string.Join(' ', batch.Arrays.Select(array => Text(array, row))));
        return string.Join('|', rows);
    }

    async Task<List<RecordBatch>> BatchesAsync(FlightTicket ticket)
    {
        var batches = new List<RecordBatch>();
        using var call = Client.GetStream(ticket, null, null, Cancellation);
        while (await call.ResponseStream.MoveNext(Cancellation)) batches.Add(call.ResponseStream.Current);
        return batches;
    }

    static string Text(IArrowArray array, int row) => array switch
    {
        StringArray texts => texts.GetString(row),
        Int64Array numbers => $"{numbers.GetValue(row)}",
        Int32Array numbers => $"{numbers.GetValue(row)}",
        UInt32Array numbers => $"{numbers.GetValue(row)}",
        DoubleArray numbers => numbers.GetValue(row)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        BooleanArray truths => truths.GetValue(row) == true ? "true" : "false",
        _ => array.GetType().Name,
    };
}
