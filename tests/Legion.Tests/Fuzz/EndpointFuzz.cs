using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Legion.Cli;
using Legion.Cli.Serving;
using Legion.Cli.Serving.Metrics;
using Legion.Format;
using Legion.Ingestion;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;
using Legion.Tests.Access;
using Legion.Tests.Format;
using Legion.Tests.Store;
using Legion.Tests.Support;
using Legion.Viewer;
using Legion.Viewer.Flight;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Legion.Tests.Fuzz;

/// <summary>
/// Whatever is sent to whatever route, it is answered in time, with a status that does not blame the server, and at no more memory than it declares.
/// <c>LEGION_FUZZ_CASES</c> and <c>LEGION_SEED</c> make it go on, and elsewhere.
/// </summary>
public sealed class EndpointFuzz : IAsyncLifetime
{
    static readonly int cases = Number("LEGION_FUZZ_CASES", 200_000);
    static readonly int seed = Number("LEGION_SEED", 20_261_123);

    /// <summary>No case takes a hundredth of it; on a machine that does much else, one may stand still for a while.</summary>
    static readonly TimeSpan longest = TimeSpan.FromSeconds(60);

    /// <summary>More than processors, as some of what is sent is written through to the disk.</summary>
    const int Workers = 16;

    readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner
        main end 5000
        main end 20000
        log 1000 info main "hello"
        """);

    readonly TestLake lake = new();
    readonly ApiKey key = ApiKey.Create();
    readonly InProcessServer server = new();
    WebApplication? app;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var row = new KeyRow { KeyId = key.Id, Tenant = Tenant.Default, Role = KeyRole.Read, Hash = key.Hash(), Name = "", CreatedNs = 1 };
        await lake.Store.Catalog.AddKeyAsync(row, "test", Cancellation);
        // The scripts of reports are hashed with the first page that comes; they are the program's, and no case's.
        Notebooks.ReadReport(TestReport.Bytes("first"));
        app = Build(builder => builder.Services.AddSingleton<IServer>(server));
        await app.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task EveryRequestIsAnsweredWithoutAFaultOfTheServer()
    {
        var statuses = new int[600];
        var (requests, next) = (Requests(app!), -1);
        using var ending = new CancellationTokenSource();
        var working = WorkAsync(ending.Token);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < cases;)
                Interlocked.Increment(ref statuses[await AnswerAsync(requests, number)]);
        }, Cancellation)));

        Assert.Equal(NamesOf(app!), requests.Asked.Keys.Order(StringComparer.Ordinal));
        // It came to all kinds of ends, or it would have found nothing.
        foreach (var status in (int[])[200, 303, 400, 404, 405, 415]) Assert.True(statuses[status] > 0, $"no case came to {status}: {Seen(statuses)}");
        TestContext.Current.SendDiagnosticMessage(Seen(statuses));

        // Whatever exports were taken became blocks, or are rows that say why not.
        await ending.CancelAsync();
        var (worked, refused) = await working;
        Assert.True(worked > refused && refused > 0, $"{worked} exports were worked on, {refused} of them in vain");
        Assert.Equal(0, (await lake.Store.Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation)).Waiting);
    }

    [Fact]
    public async Task EveryRouteOfTheServiceIsAsked()
    {
        await using var service = new ServedKeys();
        await service.InitializeAsync();
        Assert.Equal(NamesOf(service.App), NamesOf(app!));
    }

    /// <summary>Makes blocks of exports while they come, and then of the rest.</summary>
    /// <returns>How many it worked on, and how many of them cannot be read.</returns>
    async Task<(int Worked, int Refused)> WorkAsync(CancellationToken ending)
    {
        var (work, worked) = (new ArrivalWork(lake.Store, TimeProvider.System, new Redaction()), 0);
        for (var isLast = false; ; isLast = ending.IsCancellationRequested)
        {
            while (await work.WorkAsync(Cancellation) is > 0 and var some) worked += some;
            if (isLast) return (worked, (await lake.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Count);
            await Task.Delay(100, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Fact]
    public async Task WhateverBytesASocketSendsTheServerGoesOn()
    {
        await using var served = Build(builder => builder.WebHost.UseUrls("http://127.0.0.1:0"));
        await served.StartAsync(Cancellation);
        var (address, requests) = (new Uri(served.Urls.Single()), Requests(served));
        for (var number = 0; number < cases / 200; number++)
        {
            var bytes = requests.NextBytes(new Random(seed + number));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address.Host, address.Port, Cancellation);
            var answer = await TalkAsync(socket, bytes).WaitAsync(longest, Cancellation);
            Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && !answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal), $"case {number}: {answer}\n{Convert.ToBase64String(bytes)}");
        }
        using var client = new HttpClient { BaseAddress = address };
        Assert.Equal("ok", System.Text.Json.JsonDocument.Parse(await client.GetStringAsync("/v1/health", Cancellation)).RootElement.GetProperty("status").GetString());
    }

    async Task<int> AnswerAsync(HostileRequests requests, int number)
    {
        var request = requests.Next(new Random(seed + number), out var body);
        var what = $"case {number}: {request.Method} {request.Path}{request.QueryString} {request.Headers.ContentType}";
        // The part that runs until the pipeline waits for the first time is all of the reading and none of the catalog.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sending = server.SendAsync(request);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        try
        {
            var status = await sending.WaitAsync(longest, Cancellation);
            Assert.True(status is >= 200 and < 500, $"{what} was answered {status}\n{Convert.ToBase64String(body)}");
            Assert.True(allocated <= AllocationBound.Of(body), $"{what} allocated {allocated}\n{Convert.ToBase64String(body)}");
            return status;
        }
        catch (Exception cause) when (cause is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{what}: {cause}\n{Convert.ToBase64String(body)}");
            throw;
        }
    }

    /// <summary>Sends, says that nothing follows, and reads to the end.</summary>
    static async Task<string> TalkAsync(Socket socket, byte[] bytes)
    {
        var buffer = new byte[4096];
        var answer = new StringBuilder();
        try
        {
            await socket.SendAsync(bytes, Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            for (int read; (read = await socket.ReceiveAsync(buffer, Cancellation)) > 0;) answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // The server may have had enough.
        }
        return answer.ToString();
    }

    WebApplication Build(Action<WebApplicationBuilder> set)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<PrometheusMetrics>();
        builder.Services.AddViewer(lake.Store, TestWorkers.Program, new SqlLimits(), Notebooks.ReadReport);
        builder.Services.AddFlight();
        set(builder);
        var built = builder.Build();
        built.MapIngestion(lake.Store, TimeProvider.System, new IngestionLimits { TenantRequestsPerSecond = 1e9, TenantBytesPerSecond = 1e15 });
        built.MapViewer();
        built.MapFlight();
        built.MapOperation(new Readiness(lake.Store, TimeProvider.System, NullLogger.Instance), new Drain(TimeSpan.Zero, TimeSpan.Zero), built.Services.GetRequiredService<PrometheusMetrics>());
        var credentials = new Credentials(new KeyRing(lake.Store.Catalog, TimeProvider.System), null, new SignInAudit(lake.Store.Catalog, TimeProvider.System, NullLogger.Instance));
        built.MapSignIn(credentials.FindAsync, credentials.NoteSignInAsync);
        return built;
    }

    HostileRequests Requests(IEndpointRouteBuilder routes) => new(RoutesOf(routes), script.ProcessId, Guid.CreateVersion7(), key.Reveal());

    static RouteEndpoint[] RoutesOf(IEndpointRouteBuilder routes) => [.. routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    static IEnumerable<string> NamesOf(IEndpointRouteBuilder routes) => RoutesOf(routes).Select(HostileRequests.NameOf).Order(StringComparer.Ordinal);

    static string Seen(int[] statuses) => string.Join(", ", statuses.Index().Where(status => status.Item > 0).Select(status => $"{status.Index}: {status.Item}"));

    static int Number(string variable, int standard) => Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}
