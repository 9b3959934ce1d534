using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Turns what is in a dead process's segments into blocks beside those that it had cut itself, and says how it ended.
/// Whenever it is interrupted, the next attempt goes on behind the last block that lies on disk.
/// </summary>
static class SpoolRecovery
{
    /// <summary>Property of a process of which something could not be read any more.</summary>
    const string DamageProperty = "legion.recovery";

    /// <returns>False when the disk does not take the blocks: the segments stay.</returns>
    public static bool TryRecover(SpoolFolder folder, SelfLog selfLog)
    {
        var newest = NewestOfStreams(folder, selfLog);
        var process = ReadProcess(folder, newest, selfLog);
        if (process is null) return true;
        folder.Resume(process);
        var lastSeenNs = process.LastSeenNs;
        try
        {
            if (folder.OpenSegments() is { } area)
            {
                try
                {
                    if (!TryReadSegments(folder, area, newest, process, ref lastSeenNs, selfLog)) return false;
                }
                finally
                {
                    area.Discard();
                }
            }
        }
        catch (Exception damage) when (damage is not (IOException or UnauthorizedAccessException or OutOfMemoryException))
        {
            // Whatever bytes lie there, and whatever fails over them: they must not keep what other processes have left from being sent.
            selfLog.Report($"cannot read what process {process.ProcessId} had recorded last: {damage.Message}");
            process = process with { Properties = [.. process.Properties, new Property(DamageProperty, damage.Message)] };
        }
        folder.DropSegments();
        if (process.EndNs is not { } endNs || endNs < lastSeenNs)
            folder.Keep(process with { Version = process.Version + 1, LastSeenNs = lastSeenNs, EndNs = lastSeenNs, EndReason = process.EndReason ?? "vanished" });
        return true;
    }

    static bool TryReadSegments(SpoolFolder folder, SegmentArea area, Dictionary<Guid, SpoolFile> newest, ProcessRecord process, ref long lastSeenNs, SelfLog selfLog)
    {
        var knots = area.Knots();
        if (knots.Length == 0) throw new InvalidDataException("expected a clock knot, as no time can be told without");
        var lastOfProcess = knots[^1];
        // The counter runs on: until the machine is started again, a reading now tells its rate as well.
        if (knots.Length == 1 && ProcessClock.Knot() is var now && now.Ticks > knots[0].Ticks && now.MonotonicNs > knots[0].MonotonicNs) knots = [knots[0], now];
        var clock = new ClockTimeline(knots, area.Header.UtcOffsetNs);
        var last = knots[^1];
        lastSeenNs = Math.Max(lastSeenNs, clock.NowNs(lastOfProcess));

        using var sink = new MemorySink();
        var definitions = folder.ReadDefinitions();
        var flusher = new Flusher(process.ProcessId, sink, new TelemetryOptions(), long.MaxValue, new Counters(), clock, area, definitions, new AttachmentQueue(0), folder);
        var cuts = new List<(Guid Thread, ulong Position)>();
        foreach (var file in newest.Values)
        {
            var state = CutState.Read(file.State);
            cuts.AddRange(state.Positions);
            if (file.Header.Class == StreamClass.Trace) continue;
            flusher.Find(file.Stream.Name, file.Schema, definitions.Shapes)?.Resume(file.Header.StreamId, file.Header.Sequence + 1, file.Header.NextOrdinal, state);
            flusher.Resume(state.Frames);
        }
        var damaged = new List<string>();
        for (var index = 0; index < area.Cursors; index++)
        {
            var thread = new LeftThread(area, index);
            if (thread.IsDamaged) damaged.Add(thread.ThreadName);
            if (thread.First is null) continue;
            var stream = flusher.Add(thread);
            stream.FirstTick = knots[0].Ticks;
            if (newest.TryGetValue(thread.StreamId, out var file))
                stream.Resume(file.Header.Sequence + 1, file.Header.NextOrdinal, file.Header.LastTick, OpenScopes.Of(Block.Read(file.Gap ?? file.Block)), CutState.Read(file.State));
            foreach (var cut in cuts.Where(cut => cut.Thread == thread.StreamId)) stream.KnowCut(cut.Position);
        }

        // Nobody knows how long the process went on after its last knot; an hour is more than any pass takes.
        var ticksPerHour = (UInt128)(last.Ticks - knots[0].Ticks) * 3_600_000_000_000 / (ulong)Math.Max(1, last.MonotonicNs - knots[0].MonotonicNs);
        flusher.PassOverLeft(last.Ticks + (ulong)UInt128.Min(ticksPerHour, long.MaxValue), selfLog.Report);
        if (area.Header.Magic != SegmentArea.Magic) return false;
        return damaged.Count == 0 ? true : throw new InvalidDataException($"expected segments of {string.Join(", ", damaged)}, saw others");
    }

    static ProcessRecord? ReadProcess(SpoolFolder folder, Dictionary<Guid, SpoolFile> newest, SelfLog selfLog)
    {
        try
        {
            if (folder.ReadProcess() is { } process) return process;
        }
        catch (InvalidDataException damage)
        {
            selfLog.Report($"cannot read the record of a dead process: {damage.Message}");
        }
        return newest.Values.Select(file => file.Process).MaxBy(process => process.Version);
    }

    static Dictionary<Guid, SpoolFile> NewestOfStreams(SpoolFolder folder, SelfLog selfLog)
    {
        var newest = new Dictionary<Guid, SpoolFile>();
        foreach (var path in folder.Blocks())
        {
            try
            {
                var file = SpoolFile.Read(File.ReadAllBytes(path));
                if (!newest.TryGetValue(file.Header.StreamId, out var known) || known.Header.Sequence < file.Header.Sequence) newest[file.Header.StreamId] = file;
            }
            catch (InvalidDataException damage)
            {
                selfLog.Report($"block '{path}' is lost: {damage.Message}");
                DurableFile.TryDelete(path);
            }
        }
        return newest;
    }
}
