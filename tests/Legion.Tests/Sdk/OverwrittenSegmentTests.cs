using System.Runtime.InteropServices;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Sdk;

/// <summary>
/// The segments of a killed program, written over by a wild pointer: whatever it hit, all events are in the lake, or damage is named.
/// <c>LEGION_TORN</c> says how many cases.
/// </summary>
public sealed class OverwrittenSegmentTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-overwritten-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public enum Target
    {
        /// <summary>The record behind the last one that a block holds.</summary>
        Cut,
        Record,
        SegmentHeader,
        Cursor,
    }

    [Theory]
    [InlineData(Target.Cut, 8)]
    [InlineData(Target.Record, 16)]
    [InlineData(Target.SegmentHeader, 8)]
    [InlineData(Target.Cursor, 8)]
    public async Task WhatIsLostIsNamed(Target target, int defaultCases)
    {
        var cases = int.TryParse(Environment.GetEnvironmentVariable("LEGION_TORN"), out var wanted) ? wanted : defaultCases;
        var (died, left, places) = await LeftAsync(target);
        var name = died.ProcessId.ToString();
        var files = Directory.GetFiles(left).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

        for (var seed = 0; seed < cases; seed++)
        {
            var random = new Random(seed);
            var root = Path.Combine(folder, "case" + seed);
            Directory.CreateDirectory(Path.Combine(root, name));
            foreach (var (file, bytes) in files) await File.WriteAllBytesAsync(Path.Combine(root, name, file), bytes, Cancellation);
            var place = places[random.Next(places.Count)];
            var written = new byte[random.Next(1, 64)];
            random.NextBytes(written);
            if (target == Target.Cut) written.AsSpan(0, Math.Min(8, written.Length)).Fill(0xFF);
            using (var segments = File.OpenHandle(Path.Combine(root, name, "segments"), FileMode.Open, FileAccess.Write)) RandomAccess.Write(segments, written, place);
            await JudgeAsync(root, died, $"{target}, seed {seed}: {written.Length} bytes at {place}");
        }
    }

    /// <summary>A killed program's folder that has such places. Where its last cut took all there was, which happens on a busy machine, nothing lies behind a cut: another one is asked.</summary>
    async Task<(Died Died, string Left, List<long> Places)> LeftAsync(Target target)
    {
        for (var attempt = 1; ; attempt++)
        {
            var whole = Path.Combine(folder, "whole" + attempt);
            var died = await VictimProgram.RunAsync(new Uri("http://127.0.0.1:9"), whole, new VictimLife("KillAtRest", 900, Seed: 3), Cancellation);
            var left = Path.Combine(whole, died.ProcessId.ToString());
            var places = Places(left, target);
            if (places.Count > 0) return (died, left, places);
            Assert.True(attempt < 5, $"{attempt} programs were killed, and none left a place for {target}");
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static async Task JudgeAsync(string root, Died died, string what)
    {
        await using var server = new IngestionServer();
        await server.InitializeAsync();
        var reports = new List<string>();
        Spool.Send(root, server.Url, null, reports.Add, TimeSpan.FromSeconds(20), cancellation: Cancellation);
        Assert.Empty(Directory.GetDirectories(root));
        var stored = await StoredProcess.ReadAsync(server.Lake, died.ProcessId, Cancellation);
        if (stored.Gaps.Any(gap => gap.Reason == GapReason.Damaged) || stored.Row.Properties.Contains("legion.recovery", StringComparison.Ordinal)) return;
        var found = stored.EventsOfThreads();
        for (var thread = 0; thread < died.Told.Length; thread++)
            Assert.True(found.GetValueOrDefault("worker " + thread) == died.Told[thread], $"{what}: thread {thread} told {died.Told[thread]} events, {found.GetValueOrDefault("worker " + thread)} are in the lake, and no damage is named; {string.Join("; ", reports)}");
    }

    /// <summary>Where in the file what the next start reads lies.</summary>
    static unsafe List<long> Places(string process, Target target)
    {
        using var file = File.OpenHandle(Path.Combine(process, "segments"));
        var area = SegmentArea.Open(file);
        var cuts = Directory.GetFiles(process, "*.block.legion").Select(path => SpoolFile.Read(File.ReadAllBytes(path))).SelectMany(block => CutState.Read(block.State).Positions).ToHashSet();
        var places = new List<long>();
        for (var index = 0; index < area.Cursors; index++)
        {
            var thread = new LeftThread(area, index);
            if (thread.First is null) continue;
            if (target == Target.Cursor) places.AddRange([(byte*)thread.Cursor - area.Base, (byte*)thread.Cursor - area.Base + (int)Marshal.OffsetOf<Cursor>(nameof(Cursor.First))]);
            for (var segment = thread.First; segment is not null; segment = segment.Next)
            {
                if (target == Target.SegmentHeader) places.Add(segment.Records - Segment.HeaderBytes - area.Base);
                var bytes = segment.CommittedBytes(thread.Cursor);
                for (var offset = 0; offset < bytes; offset += 8)
                    if (target == Target.Record || target == Target.Cut && cuts.Contains((thread.StreamId, segment.Position(offset)))) places.Add(segment.Records + offset - area.Base);
            }
        }
        area.Discard();
        return places;
    }
}
