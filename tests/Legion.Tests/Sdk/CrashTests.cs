using System.Globalization;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>
/// A program that dies, of whatever: what its threads had recorded is in the lake after the next start, once, but for at most one event a thread.
/// <c>LEGION_KILLS</c> says how many deaths, without it a few of each cause; <c>LEGION_CAUSE</c> names the only cause.
/// </summary>
public sealed class CrashTests : IngestionTest
{
    const int DefaultDeaths = 32;

    static readonly string[] causes = Environment.GetEnvironmentVariable("LEGION_CAUSE") is { } only
        ? [only]
        : ["Kill", "UnhandledException", "FailFast", "StackOverflow", "Abort", "WildPointer", "ManagedMemory", "SystemMemory"];

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
            Spool.Send(died.Spool, Server.Url, null, reports.Add, TimeSpan.FromSeconds(20), cancellation: Cancellation);
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
        var spool = Directory.CreateDirectory(Path.Combine(Folder, "spool" + number)).FullName;
        var died = await VictimProgram.RunAsync(Server.Url, spool, new VictimLife(cause, milliseconds, seed), Cancellation);
        Assert.NotEqual(0, died.ExitCode);
        return died;
    }

    async Task<(long Recorded, bool IsDamaged)> JudgeAsync(Died died, string cause, List<string> reports, string what)
    {
        var stored = await StoredProcess.ReadAsync(Server.Lake, died.ProcessId, Cancellation);
        var row = stored.Row;
        Assert.NotNull(row.EndNs);
        Assert.Contains(row.EndReason, cause switch
        {
            "UnhandledException" => (string[])["System.InvalidOperationException"],
            "ManagedMemory" or "SystemMemory" => ["System.OutOfMemoryException", "vanished"],
            _ => ["vanished"],
        });

        // What the recording itself logs of exceptions that nobody caught: when memory runs out, that may be several of each thread.
        foreach (var log in stored.Streams.Where(stream => stream.Record.Class == StreamClass.Log))
            log.Events.RemoveAll(entry => entry["severity"] is (long)Level.Fatal);
        var threads = stored.EventsOfThreads();
        var gaps = stored.Gaps.ToList();
        var isDamaged = gaps.Exists(gap => gap.Reason == GapReason.Damaged) || row.Properties.Contains("legion.recovery", StringComparison.Ordinal);
        Assert.True(!isDamaged || cause == "WildPointer", $"{what}: damage that nobody did: {string.Join("; ", reports)}");
        // A wild pointer may put another number in the place of a step's: no record is lost then, and nothing tells.
        foreach (var ofThread in stored.StepsOfThreads().Where(_ => cause != "WildPointer"))
        {
            Assert.Equal(ofThread.Length, ofThread.Distinct().Count());
            Assert.Equal(Enumerable.Range(0, ofThread.Length).Select(step => (long)step), ofThread.Order());
        }
        for (var thread = 0; thread < VictimProgram.Threads && !isDamaged; thread++)
        {
            var found = threads.GetValueOrDefault("worker " + thread);
            // One more may be recorded than was told; a program that is still unwinding may tell one that its end has cut off.
            var lost = died.Told[thread] - found;
            Assert.True(lost is <= 1 and >= -1, $"{what}: thread {thread} told {died.Told[thread]} events, {found} are in the lake; gaps {gaps.Count}; {string.Join("; ", reports)}; {died.Error}");
        }
        return (threads.Values.Sum(), isDamaged);
    }
}
