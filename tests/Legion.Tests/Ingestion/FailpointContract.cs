using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;
using Legion.Ingestion;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Ingestion;

/// <summary>What happens to a call of store or catalog in the middle of an append.</summary>
public enum Failure
{
    /// <summary>It fails and had no effect.</summary>
    ErrorWithoutEffect,

    /// <summary>It fails and had its effect, as when the reply to a commit is lost.</summary>
    ErrorWithEffect,

    /// <summary>It is held back until the client has lost patience, sent the batch again and been answered.</summary>
    DelayBefore,

    /// <summary>Its reply is held back so long.</summary>
    DelayAfter,

    /// <summary>It is made twice.</summary>
    Repeat,
}

/// <summary>
/// Invariant 2 of the architecture at every step of an append: before and after each call that it makes to store and catalog. The batch has blocks of two classes, and so two objects.
/// </summary>
public abstract class FailpointContract : IAsyncLifetime
{
    /// <summary>As a client would: until it is answered.</summary>
    const int MostTries = 4;

    readonly List<(Guid BlockId, byte[] Bytes)> acknowledged = [];
    readonly HttpClient client = new() { Timeout = TimeSpan.FromMinutes(2) };
    WebApplication? app;
    Func<Func<Task>, Task>? around;
    int calls;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected LakeStore Lake { get; private set; } = null!;

    private protected abstract Task<LakeStore> OpenAsync();

    /// <summary>What another program needs in its environment to open the lake.</summary>
    private protected abstract IEnumerable<(string Name, string Value)> Environment { get; }

    public async ValueTask InitializeAsync()
    {
        Lake = await OpenAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapIngestion(new LakeStore(Lake.Location, new ObjectHooks(Lake.Objects, Around), CatalogHooks.Around(Lake.Catalog, Around)), TimeProvider.System, new IngestionLimits());
        await app.StartAsync(Cancellation);

        Task Around(string method, Func<Task> call)
        {
            // Made once a second and after all that is stored, whatever comes of it.
            if (method == nameof(ICatalog.ReadCommandsAsync)) return call();
            Interlocked.Increment(ref calls);
            return around is null ? call() : around(call);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
        client.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(Failure.ErrorWithoutEffect)]
    [InlineData(Failure.ErrorWithEffect)]
    [InlineData(Failure.DelayBefore)]
    [InlineData(Failure.DelayAfter)]
    [InlineData(Failure.Repeat)]
    public async Task ItSurvivesAtEveryStep(Failure failure)
    {
        await CountStepsAsync(); // the first append also reads what is remembered for the others
        var steps = await CountStepsAsync();
        var hit = 0;
        for (var step = 1; step <= steps; step++)
        {
            var batch = new SentBatch();
            var left = step;
            var (reached, released) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            around = call =>
            {
                if (Interlocked.Decrement(ref left) != 0) return call();
                Interlocked.Increment(ref hit);
                reached.SetResult();
                return FailAsync(failure, call, released.Task);
            };
            var first = TryPostAsync(new Uri(app!.Urls.Single()), batch);
            if (failure is Failure.DelayBefore or Failure.DelayAfter)
            {
                await reached.Task.WaitAsync(Cancellation);
                await InsistAsync(batch);
                released.SetResult();
            }
            batch.Add(await first);
            await InsistAsync(batch);
        }
        Assert.Equal(steps, hit);
        await AssertStoredOnceAsync();
    }

    /// <summary>A program that is killed leaves what its calls so far have done: dying after a call is dying before the next.</summary>
    [Fact]
    public async Task ItSurvivesAKillAtEveryStep()
    {
        var steps = await CountStepsAsync();
        var next = StartAsync(1);
        for (var step = 1; step <= steps + 1; step++)
        {
            using var victim = await next;
            if (step <= steps) next = StartAsync(step == steps ? 0 : step + 1);
            var batch = new SentBatch();
            var answer = await TryPostAsync(victim.Url, batch);
            await victim.Process.WaitForExitAsync(Cancellation);
            Assert.Equal(128 + 9, victim.Process.ExitCode);
            if (step <= steps) Assert.Null(answer);
            batch.Add(answer);
            await InsistAsync(batch);
        }
        await AssertStoredOnceAsync();
    }

    static async Task FailAsync(Failure failure, Func<Task> call, Task released)
    {
        switch (failure)
        {
            case Failure.ErrorWithoutEffect:
                throw new StoreUnavailableException("the disk refused");
            case Failure.ErrorWithEffect:
                await call();
                throw new StoreUnavailableException("the connection broke");
            case Failure.DelayBefore:
                await released;
                await call();
                break;
            case Failure.DelayAfter:
                await call();
                await released;
                break;
            default:
                await call();
                await call();
                break;
        }
    }

    /// <summary>How many calls an append makes.</summary>
    async Task<int> CountStepsAsync()
    {
        (around, calls) = (null, 0);
        var batch = new SentBatch();
        await InsistAsync(batch);
        var steps = calls;
        Assert.True(steps >= 6, $"expected calls for records, puts and rows, saw {steps}");
        return steps;
    }

    /// <summary>Sends the batch until all of it is acknowledged, which is when a client forgets it.</summary>
    async Task InsistAsync(SentBatch batch)
    {
        for (var tries = 0; tries < MostTries && !batch.IsAcknowledged; tries++) batch.Add(await TryPostAsync(new Uri(app!.Urls.Single()), batch));
        Assert.True(batch.IsAcknowledged, "the batch was not acknowledged");
        lock (acknowledged) acknowledged.AddRange(batch.Blocks.Where(block => !acknowledged.Contains(block)));
    }

    /// <returns>The code of each block; null where the answer was that nothing is known, or none came.</returns>
    async Task<string[]?> TryPostAsync(Uri url, SentBatch batch)
    {
        try
        {
            using var content = new ByteArrayContent(batch.Bytes);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch.MediaType);
            using var response = await client.PostAsync(new Uri(url, "/v1/append"), content, Cancellation);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation));
            return [.. answer.RootElement.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("code").GetString()!)];
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>All that was acknowledged is there, once, with its bytes; what was left over is swept, and nothing is damaged.</summary>
    async Task AssertStoredOnceAsync()
    {
        var rows = await Lake.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(acknowledged.Select(block => block.BlockId).Order(), rows.Select(row => row.BlockId).Order());
        var byId = acknowledged.ToDictionary();
        foreach (var row in rows) Assert.Equal(byId[row.BlockId], await Lake.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));

        var later = new ManualClock();
        later.Advance(DateTimeOffset.UtcNow.AddDays(1) - later.GetUtcNow());
        await new LakeSweep(Lake, later).RunAsync(new SweepOptions(), null, Cancellation);
        var totals = await new LakeVerification(Lake, later).RunAsync(damage => Assert.Fail($"{damage}"), null, Cancellation);
        Assert.Equal((rows.Count, 0), (totals.Blocks, totals.UnnamedObjects));
    }

    async Task<Victim> StartAsync(int step)
    {
        var start = new ProcessStartInfo(VictimProgram.Executable, ["ingestion", Lake.Location.ToString(), $"{step}"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        return Uri.TryCreate(await process.StandardOutput.ReadLineAsync(Cancellation), UriKind.Absolute, out var url) ? new Victim(process, url) : throw new InvalidOperationException("the victim did not start");
    }

    sealed record Victim(Process Process, Uri Url) : IDisposable
    {
        public void Dispose()
        {
            if (!Process.HasExited) Process.Kill();
            Process.Dispose();
        }
    }

    /// <summary>A batch as a client has it in its spool, and what it was answered.</summary>
    sealed class SentBatch
    {
        readonly int[] stored;

        public SentBatch()
        {
            var traces = new Recording();
            var logs = new Recording { ProcessId = traces.ProcessId, Class = StreamClass.Log };
            byte[][] blocks = [.. traces.Blocks(2), logs.Block()];
            var writer = traces.Batch();
            writer.Add(logs.Stream);
            foreach (var block in blocks) writer.AddBlock(block);
            Bytes = writer.ToArray();
            Blocks = [.. blocks.Select(block => (Recording.IdOf(block), block))];
            stored = new int[blocks.Length];
        }

        public byte[] Bytes { get; }
        public IReadOnlyList<(Guid BlockId, byte[] Bytes)> Blocks { get; }
        public bool IsAcknowledged { get; private set; }

        public void Add(string[]? codes)
        {
            if (codes is null) return;
            Assert.All(codes, code => Assert.Contains(code, (string[])["stored", "exists"]));
            for (var i = 0; i < codes.Length; i++)
                if (codes[i] == "stored") stored[i]++;
            Assert.All(stored, times => Assert.True(times <= 1, "a block was stored twice"));
            IsAcknowledged = true;
        }
    }
}

/// <summary>In a folder with SQLite.</summary>
public sealed class FolderFailpointTests : FailpointContract
{
    readonly TemporaryLake lake = new();

    private protected override Task<LakeStore> OpenAsync() => Task.FromResult(lake.Store);

    private protected override IEnumerable<(string, string)> Environment => [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        lake.Dispose();
    }
}

/// <summary>On S3 with MySQL.</summary>
public sealed class RemoteFailpointTests(S3Gateway gateway, MariaDbServer database) : FailpointContract
{
    LakeLocation location = null!;

    private protected override async Task<LakeStore> OpenAsync()
    {
        var (s3, address) = (await gateway.NewLocationAsync(), await database.CreateDatabaseAsync());
        location = LakeLocation.Parse(s3.ToString(), address.ToString(), () => s3.Settings);
        return new LakeStore(location, S3Gateway.Open(location.S3!), MySqlCatalog.Open(address));
    }

    private protected override IEnumerable<(string, string)> Environment =>
    [
        ("LEGION_CATALOG", location.Catalog!.ToString()),
        ("AWS_ENDPOINT_URL_S3", location.S3!.Settings.Endpoint!.ToString()),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", S3Settings.WhenRequired),
        ("AWS_ACCESS_KEY_ID", S3Gateway.AccessKey),
        ("AWS_SECRET_ACCESS_KEY", S3Gateway.Secret),
    ];
}
