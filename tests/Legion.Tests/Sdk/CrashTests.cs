using System.Diagnostics;
using System.Globalization;
using Legion.Format;
using Legion.Ingestion;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Sdk;

/// <summary>
/// A program that dies, of whatever: what its threads had recorded is in the lake after the next start, once, but for at most one event a thread.
/// <c>LEGION_KILLS</c> says how many deaths; without it a few of each cause.
/// </summary>
public sealed class CrashTests : IAsyncLifetime
{
    const int DefaultDeaths = 32, Threads = 3, ProgressBytesOfThread = 64;

    static readonly string[] causes = ["Kill", "UnhandledException", "FailFast", "StackOverflow", "Abort", "WildPointer", "ManagedMemory", "SystemMemory"];
    static readonly string victim = Path.Combine(RepositoryPath(), "Legion.Victim", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Legion.Victim");

    readonly TemporaryLake lake = new();
    readonly string folder = Directory.CreateTempSubdirectory("legion-crash-").FullName;
    WebApplication app = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapIngestion(lake.Store, TimeProvider.System, new IngestionLimits());
        await app.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        lake.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task WhatADyingProgramRecordedIsInTheLakeOnce()
    {
        var deaths = int.Parse(Environment.GetEnvironmentVariable("LEGION_KILLS") ?? DefaultDeaths.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("LEGION_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var (recorded, told, damaged) = (0L, 0L, 0);
        for (var death = 0; death < deaths; death++)
        {
            var cause = causes[death % causes.Length];
            var died = await RunVictimAsync(cause, random.Next(10, 700), random.Next(), death);
            var reports = new List<string>();
            Spool.Send(died.Spool, new Uri(app.Urls.Single()), null, reports.Add, TimeSpan.FromSeconds(20), Cancellation);
            Assert.Empty(Directory.GetDirectories(died.Spool));
            TestContext.Current.TestOutputHelper?.WriteLine($"death {death} of {cause}, seed {seed}");
            var outcome = await JudgeAsync(died, cause, reports, $"death {death} of {cause}, seed {seed}");
            recorded += outcome.Recorded;
            told += died.Told.Sum();
            if (outcome.IsDamaged) damaged++;
        }
        Assert.True(told > 0, "no victim recorded anything");
        TestContext.Current.TestOutputHelper?.WriteLine($"{deaths} deaths: {told} events told, {recorded} in the lake, {damaged} processes with named damage");
    }

    async Task<Died> RunVictimAsync(string cause, int milliseconds, int seed, int number)
    {
        var spool = Directory.CreateDirectory(Path.Combine(folder, "spool" + number)).FullName;
        var progress = Path.Combine(folder, "progress" + number);
        var start = new ProcessStartInfo(victim, [app.Urls.Single(), spool, progress, .. new[] { Threads, (object)cause, milliseconds, seed }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (cause == "ManagedMemory") start.Environment["DOTNET_GCHeapHardLimit"] = "0x4000000";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var id = await process.StandardOutput.ReadLineAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(Guid.TryParse(id, out var processId), $"the victim said '{id}': {await error}");
        Assert.NotEqual(0, process.ExitCode);
        var counts = await File.ReadAllBytesAsync(progress, Cancellation);
        return new Died(processId, spool, [.. Enumerable.Range(0, Threads).Select(thread => BitConverter.ToInt64(counts, thread * ProgressBytesOfThread))], await error);
    }

    async Task<(long Recorded, bool IsDamaged)> JudgeAsync(Died died, string cause, List<string> reports, string what)
    {
        var row = Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, [died.ProcessId], Cancellation));
        Assert.NotNull(row.EndNs);
        Assert.Contains(row.EndReason, cause switch
        {
            "UnhandledException" => (string[])["System.InvalidOperationException"],
            "ManagedMemory" or "SystemMemory" => ["System.OutOfMemoryException", "vanished"],
            _ => ["vanished"],
        });

        var blocks = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [died.ProcessId], Cancellation);
        Assert.Equal(blocks.Count, blocks.Select(block => block.BlockId).Distinct().Count());
        var threads = new Dictionary<string, long>();
        var gaps = new List<Gap>();
        var steps = new List<long[]>();
        foreach (var stream in await lake.Store.Catalog.ReadStreamsAsync(Tenant.Default, [died.ProcessId], Cancellation))
        {
            var decoded = await DecodeAsync(stream, blocks.Where(block => block.StreamId == stream.StreamId));
            // What the recording itself logs of exceptions that nobody caught: when memory runs out, that may be one of each thread.
            if (stream.Class == StreamClass.Log) Assert.True(decoded.Events.RemoveAll(entry => entry["severity"] is (long)Level.Fatal) <= Threads + 1);
            gaps.AddRange(decoded.Gaps);
            if (stream.Class == StreamClass.Trace) Add(stream.Name, decoded.Events.Count);
            else foreach (var entry in decoded.Events) Add((string)entry["thread"]!, 1);
            if (stream.Class != StreamClass.Log) continue;
            steps.AddRange(decoded.Events.GroupBy(entry => entry["thread"]).Select(ofThread => ofThread.Select(entry => (long)((object?[])entry["arguments"]!)[0]!).ToArray()));
        }

        var isDamaged = gaps.Exists(gap => gap.Reason == GapReason.Damaged) || row.Properties.Contains("legion.recovery", StringComparison.Ordinal);
        Assert.True(!isDamaged || cause == "WildPointer", $"{what}: damage that nobody did: {string.Join("; ", reports)}");
        foreach (var ofThread in steps)
        {
            Assert.Equal(ofThread.Length, ofThread.Distinct().Count());
            if (!isDamaged) Assert.Equal(Enumerable.Range(0, ofThread.Length).Select(step => (long)step), ofThread.Order());
        }
        for (var thread = 0; thread < Threads && !isDamaged; thread++)
        {
            var found = threads.GetValueOrDefault("worker " + thread);
            // One more may be recorded than was told; a program that is still unwinding may tell one that its end has cut off.
            var lost = died.Told[thread] - found;
            Assert.True(lost is <= 1 and >= -1, $"{what}: thread {thread} told {died.Told[thread]} events, {found} are in the lake; gaps {gaps.Count}; {string.Join("; ", reports)}; {died.Error}");
        }
        return (threads.Values.Sum(), isDamaged);

        void Add(string thread, int events) => threads[thread] = threads.GetValueOrDefault(thread) + events;
    }

    async Task<DecodedStream> DecodeAsync(StreamRow row, IEnumerable<BlockRow> blocks)
    {
        var contents = new List<byte[]>();
        var schemas = new Dictionary<SchemaHash, Schema>();
        foreach (var block in blocks.OrderBy(block => block.Sequence))
        {
            var bytes = await lake.Store.Objects.ReadAsync(block.ObjectKey, block.ObjectOffset, block.Bytes, Cancellation);
            contents.Add(bytes);
            var hash = BlockHeaderBytes.Read(bytes, out _).Schema;
            if (!schemas.ContainsKey(hash)) schemas[hash] = (await lake.Store.Catalog.ReadSchemaAsync(Tenant.Default, hash, Cancellation))!;
        }
        return DecodedStream.Of(new StreamRecord { StreamId = row.StreamId, ProcessId = row.ProcessId, Class = row.Class, Name = row.Name, Version = 1 }, contents, schemas);
    }

    /// <summary>The folder that holds each project's output.</summary>
    static string RepositoryPath() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));

    sealed record Died(Guid ProcessId, string Spool, long[] Told, string Error);
}
