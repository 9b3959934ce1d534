using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Turns what threads recorded into blocks, pass by pass. Runs on one thread; each pass settles how far it reads in every thread,
/// then takes a clock knot, so that the knot lies behind all events it reads.
/// </summary>
sealed class Flusher
{
    /// <summary>How far below the wanted size a block is cut: its buffer, which doubles as it grows, then ends at that size and not at twice of it.</summary>
    const int BufferSlackBytes = 256;

    readonly Guid processId;
    readonly ISink sink;
    readonly int blockBytes;
    readonly long openBlocksBytes;
    readonly Counters counters;
    readonly ClockTimeline clock;
    readonly SegmentArea area;
    readonly AttachmentQueue attachments;

    readonly Definitions definitions;
    readonly SpoolFolder? spool;
    readonly List<ThreadStream> threads = [];
    readonly MergedStreams merged;
    readonly HashSet<SchemaHash> sentSchemas = [];
    readonly RecordSorter sorter;
    long blockAgeNs;
    long nowNs;

    /// <param name="openBlocksBytes">Events that blocks in progress may hold together, whatever their age.</param>
    /// <param name="spool">Where blocks lie until the server has them; null where they wait in memory alone.</param>
    public Flusher(Guid processId, ISink sink, TelemetryOptions options, long openBlocksBytes, Counters counters, ClockTimeline clock, SegmentArea area, Definitions definitions, AttachmentQueue attachments, SpoolFolder? spool)
    {
        this.processId = processId;
        this.sink = sink;
        blockBytes = options.BlockBytes - BufferSlackBytes;
        BlockAge = options.BlockAge;
        this.openBlocksBytes = openBlocksBytes;
        this.counters = counters;
        this.clock = clock;
        this.area = area;
        this.definitions = definitions;
        this.attachments = attachments;
        this.spool = spool;
        merged = new MergedStreams(processId);
        sorter = new RecordSorter(merged, definitions, area, counters, holdsSegments: spool is not null) { CutBefore = Cut };
    }

    /// <summary>Monotonic nanoseconds of the last knot plus the process's UTC offset.</summary>
    public long LastKnotUtcNs { get; private set; }

    /// <summary>Age at which a block is cut, whatever its size.</summary>
    public TimeSpan BlockAge { set => blockAgeNs = (long)value.TotalMicroseconds * 1000; }

    /// <summary>Decides which blocks are sent; null where all are.</summary>
    public Sampler? Sampler
    {
        get;
        init
        {
            field = value;
            sorter.Watch = value?.Watch;
        }
    }

    public ThreadStream Add(IRecordedThread thread)
    {
        var stream = new ThreadStream(thread, processId, spool is null ? null : area) { WatchesRoots = Sampler is { Watch.SeesSpans: true } };
        threads.Add(stream);
        return stream;
    }

    /// <summary>The stream of all threads that a dead process had by this name; null where it can have had none.</summary>
    public MergedStream? Find(string name, Schema schema, IEnumerable<EventShape> shapes)
    {
        if (merged.All.FirstOrDefault(stream => stream.Name == name && stream.Schema.Hash == schema.Hash) is { } known) return known;
        return shapes.FirstOrDefault(shape => shape.Name == name && shape.Schema.Hash == schema.Hash) is { } ofType ? merged.UserEvents(ofType) : null;
    }

    public void Resume(IReadOnlyList<(uint Series, ulong BeginTick, ulong Number)> frames) => merged.Series.Resume(frames);

    /// <summary>Reads all that is committed, and cuts the blocks that are due.</summary>
    /// <param name="cutAll">Cuts every block with anything in it, due or not.</param>
    /// <param name="report">Takes a sentence for each damage that the pass had to step over.</param>
    public void Pass(bool cutAll, Action<string> report)
    {
        threads.RemoveAll(thread => thread.IsFinal && thread.IsReleased);
        DropUncounted();
        foreach (var thread in threads) thread.TakeTail();
        var knot = ProcessClock.Knot();
        clock.Add(knot);
        area.Keep(knot);
        nowNs = sorter.NowNs = knot.MonotonicNs;
        LastKnotUtcNs = clock.NowNs(knot);
        Sampler?.BeginPass(knot);

        // The knot is the middle of a few readings of the clock, which come after all that is read here.
        foreach (var thread in threads) Read(thread, knot.Ticks + 1, report);
        var (attached, lost) = attachments.Write(knot.Ticks, merged.Attachments, sorter.Oldest, CutLarge);
        counters.UserEvents += attached;
        counters.LostUserEvents += lost;
        CutDue(cutAll);
        if (spool is not null && area.Free < area.Segments / 4) CutWhatHoldsMost();
        foreach (var thread in threads) if (thread.IsFinal) Finish(thread);
        threads.RemoveAll(thread => thread.IsFinal && thread.IsReleased);
        var firstNeededTick = FirstNeededTick(knot.Ticks);
        clock.ForgetBefore(firstNeededTick);
        if (Sampler is not null)
        {
            WatchOpen(Sampler.Watch, knot.Ticks);
            Sampler.EndPass(firstNeededTick);
        }
        sink.EndPass();
    }

    /// <summary>Reads and cuts all that the threads of a dead process have left. No clock is read: theirs has stopped.</summary>
    /// <param name="mostTick">No record is later than this.</param>
    public void PassOverLeft(ulong mostTick, Action<string> report)
    {
        foreach (var thread in threads) thread.TakeTail();
        foreach (var thread in threads) Read(thread, mostTick, report);
        CutDue(all: true);
    }

    /// <summary>Takes back what was written of an event that failed in the middle: memory ran out, or its record made no sense.</summary>
    void DropUncounted()
    {
        foreach (var thread in threads) thread.Trace.DropUncounted();
        foreach (var stream in merged.All) stream.Writer.DropUncounted();
    }

    void Read(ThreadStream thread, ulong mostTick, Action<string> report)
    {
        while (true)
        {
            try
            {
                while (true)
                {
                    while (!thread.WatchesRoots && thread.IsAtSpan && sorter.BeforeTrace(thread) && thread.TakeSpans(mostTick, definitions) is > 0 and var taken)
                    {
                        counters.Trace += taken;
                        if (thread.Trace.EventBytes >= blockBytes) Cut(thread);
                    }
                    if (!thread.TryRead(mostTick, out var record)) break;
                    var stream = sorter.Apply(thread, record);
                    // From here on the record is in a block. Whatever fails before, for want of memory for example, is tried again with the next pass.
                    thread.Advance(record.Length);
                    if (thread.WatchesRoots && thread.TryTakeRoot(out var root)) Sampler!.Watch.RootSpan(root.Name!, root.BeginTick, root.EndTick);
                    if (stream is not null) CutLarge(stream);
                    if (thread.Trace.EventBytes >= blockBytes) Cut(thread);
                }
                if (thread.TakeLoss() is { } loss) sorter.Lose(thread, loss, thread.Position);
                if (thread.TakeBreak() is { } broken)
                {
                    counters.Damaged++;
                    report(broken);
                }
                if (thread.HasDamage) sorter.LoseDamaged(thread, thread.Position);
                return;
            }
            catch (Exception damage) when (damage is InvalidDataException or InvalidOperationException or IndexOutOfRangeException)
            {
                // What the segment said makes no sense: the host may have written over it. The record is lost; the ones after it may not be.
                counters.Damaged++;
                report(damage.Message);
                DropUncounted();
                var position = thread.Position;
                thread.SkipDamaged();
                // What lies before the last cut of a dead process, logs and metrics may lack: it is told behind what its blocks hold.
                if (position >= thread.CutPosition) sorter.LoseDamaged(thread, position);
            }
        }
    }

    void CutLarge(MergedStream stream)
    {
        if (stream.Writer.EventBytes >= blockBytes) Cut(stream);
    }

    /// <summary>Cuts what is old enough, and the largest blocks while all together hold too much.</summary>
    void CutDue(bool all)
    {
        // When one is due, those of half its age go with it: a batch with many blocks costs the store no more requests than one with a single block.
        var leastNs = all ? long.MinValue
            : threads.Any(thread => !thread.Trace.IsEmpty && nowNs - thread.OldestNs >= blockAgeNs)
                || merged.All.Any(stream => !stream.Writer.IsEmpty && nowNs - stream.OldestNs >= blockAgeNs) ? blockAgeNs / 2
            : long.MaxValue;
        foreach (var thread in threads)
            if (!thread.Trace.IsEmpty && nowNs - thread.OldestNs >= leastNs) Cut(thread);
        foreach (var stream in merged.All)
            if (!stream.Writer.IsEmpty && nowNs - stream.OldestNs >= leastNs) Cut(stream);

        var held = threads.Sum(thread => (long)thread.Trace.EventBytes) + merged.All.Sum(stream => (long)stream.Writer.EventBytes);
        foreach (var thread in threads.Where(thread => !thread.Trace.IsEmpty).OrderByDescending(thread => thread.Trace.EventBytes))
        {
            if (held <= openBlocksBytes) break;
            held -= thread.Trace.EventBytes;
            Cut(thread);
        }
    }

    /// <summary>Cuts what a dead thread has left, and gives its memory back when no block in progress needs it.</summary>
    void Finish(ThreadStream thread)
    {
        if (!thread.Trace.IsEmpty) Cut(thread);
        thread.Leave();
        thread.ReleaseUnheld();
        if (!thread.IsReleased) return;
        spool?.Leave(thread.StreamId);
        thread.Release();
    }

    void Cut(ThreadStream thread) => Cut(thread, thread.Position);

    /// <param name="position">How far into what the thread recorded the block reaches.</param>
    void Cut(ThreadStream thread, ulong position)
    {
        Send(thread.Pending);
        if (thread.Announced?.Name != thread.Thread.ThreadName)
        {
            var stream = new StreamRecord
            {
                StreamId = thread.StreamId, ProcessId = processId, Version = thread.Announced is null ? 1 : (ulong)nowNs, Class = StreamClass.Trace,
                Name = thread.Thread.ThreadName, ThreadId = thread.Thread.ThreadId,
            };
            sink.Add(stream);
            thread.Announced = stream;
        }
        var trace = thread.Trace;
        var pending = new PendingCut(thread.Announced, new CutState { Positions = [(thread.StreamId, position)], OpenSpans = thread.Trace.Addresses() });
        pending.Block = trace.Cut(Guid.CreateVersion7(), clock.Enclosing(trace.FirstTick, trace.LastTick));
        thread.Pending = pending;
        Send(pending);
        thread.Held.Clear();
        thread.ReleaseUnheld();
    }

    void Cut(MergedStream stream)
    {
        Send(stream.Pending);
        if (stream.Announced is null)
        {
            var record = new StreamRecord { StreamId = stream.StreamId, ProcessId = processId, Version = 1, Class = stream.Class, Name = stream.Name };
            sink.Add(record);
            stream.Announced = record;
        }
        var writer = stream.Writer;
        var pending = new PendingCut(stream.Announced, new CutState
        {
            Positions = [.. threads.Select(thread => (thread.StreamId, Math.Max(thread.Position, stream.CutOf(thread))))],
            Frames = stream == merged.Frames ? merged.Series.Open : [],
        });
        pending.Block = writer.Cut(Guid.CreateVersion7(), clock.Enclosing(writer.FirstTick, writer.LastTick));
        stream.Pending = pending;
        Send(pending);
        stream.Held.Clear();
        if (spool is not null) foreach (var thread in threads) thread.ReleaseUnheld();
    }

    /// <summary>Cuts blocks of several threads before their time, oldest first, as they keep others from recording.</summary>
    void CutWhatHoldsMost()
    {
        foreach (var stream in merged.All.Where(stream => !stream.Writer.IsEmpty).OrderBy(stream => stream.OldestNs))
        {
            Cut(stream);
            if (area.Free >= area.Segments / 4) return;
        }
        foreach (var thread in threads.Where(thread => !thread.Trace.IsEmpty).OrderBy(thread => thread.OldestNs))
        {
            Cut(thread);
            if (area.Free >= area.Segments / 4) return;
        }
    }

    /// <summary>
    /// Hands a block on. Where that fails, for want of memory for example, the block stays with its stream and goes before the next:
    /// a later one on disk would say that this one is too.
    /// </summary>
    void Send(PendingCut? pending)
    {
        if (pending?.Block is not { } block) return;
        block.Stream = pending.Stream;
        // Before the block is sent, it is where the next start of the program finds it: under the same id, should it have to be sent again.
        // Where the disk does not take it, segments are given back all the same. From then on they do not tell what the blocks lack.
        if (spool is not null && !spool.TryStore(block, pending.Stream, pending.State)) area.Spoil();
        if (!sentSchemas.Contains(block.Schema.Hash))
        {
            sink.Add(block.Schema);
            sentSchemas.Add(block.Schema.Hash);
        }
        if (Sampler is null) sink.Add(block);
        else Sampler.Add(block);
        pending.Block = null;
    }

    /// <summary>What has not ended may be slow already.</summary>
    void WatchOpen(Watch watch, ulong nowTick)
    {
        foreach (var thread in threads)
            if (thread.OpenRoot is { Name: { } name } root) watch.RootSpan(name, root.BeginTick, nowTick);
        foreach (var (series, beginTick, _) in merged.Series.Open) watch.Frame(definitions.Declaration(series).Site.Name, beginTick, nowTick);
    }

    ulong FirstNeededTick(ulong tick)
    {
        foreach (var thread in threads)
            if (!thread.Trace.IsEmpty) tick = Math.Min(tick, thread.Trace.FirstTick);
        foreach (var stream in merged.All)
            if (!stream.Writer.IsEmpty) tick = Math.Min(tick, stream.Writer.FirstTick);
        return tick;
    }
}
