using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Stands between the flusher and the sink: blocks wait here until nothing that is still to come can make them interesting, then they go, or a gap record in their place.
/// Blocks go in the order in which they came; those of classes that are not sampled do not wait. Runs on the flusher's thread.
/// </summary>
sealed class Sampler
{
    readonly Sampling rules;
    readonly ISink sink;
    readonly long memoryBytes;
    readonly long capBytes;
    readonly ClockKnot first;
    readonly ByteBudget? budget;
    readonly Interests interests = new();
    readonly Queue<FinishedBlock> undecided = [];
    ulong nowTick;
    ulong delayTicks;
    long waitingBytes;
    long waitingInMemory;
    long sampledEvents;

    /// <param name="memoryBytes">What may wait in memory.</param>
    /// <param name="capBytes">What may wait in memory and on disk together; beyond it blocks are decided on before their time.</param>
    /// <param name="first">A knot from before anything was recorded.</param>
    public Sampler(Sampling rules, ISink sink, long memoryBytes, long capBytes, ClockKnot first)
    {
        this.rules = rules;
        this.sink = sink;
        this.memoryBytes = memoryBytes;
        this.capBytes = capBytes;
        this.first = first;
        budget = rules.BytesPerSecond is { } bytes ? new ByteBudget(bytes, first.MonotonicNs) : null;
        Watch = new Watch(rules, interests);
    }

    public Watch Watch { get; }

    /// <summary>False: every block is as good as interesting. The budget holds all the same.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Events left out so far. Read by any thread.</summary>
    public long SampledEvents => Volatile.Read(ref sampledEvents);

    /// <summary>Settles what now is, before anything of the pass is read.</summary>
    public void BeginPass(ClockKnot knot)
    {
        nowTick = knot.Ticks;
        budget?.Refill(knot.MonotonicNs);
        if (knot.Ticks <= first.Ticks || knot.MonotonicNs <= first.MonotonicNs) return;
        var nsPerTick = (double)(knot.MonotonicNs - first.MonotonicNs) / (knot.Ticks - first.Ticks);
        Watch.NsPerTick = nsPerTick;
        interests.MarginTicks = (ulong)(rules.Margin.Ticks * 100 / nsPerTick);
        delayTicks = interests.MarginTicks + (ulong)(rules.LongestThreshold.Ticks * 100 / nsPerTick);
    }

    public void Add(FinishedBlock block)
    {
        if (!rules.Classes.Contains(block.Header.Class))
        {
            Send(block, isKept: true);
            return;
        }
        undecided.Enqueue(block);
        waitingBytes += block.StoredBytes;
        if (waitingInMemory + block.StoredBytes > memoryBytes) block.LeaveMemory();
        if (block.IsInMemory) waitingInMemory += block.StoredBytes;
        while (waitingBytes > capBytes || waitingInMemory > memoryBytes) DecideFirst();
    }

    /// <summary>Decides on what is due.</summary>
    /// <param name="firstNeededTick">No block that is still to come begins before it.</param>
    public void EndPass(ulong firstNeededTick)
    {
        Watch.LookAtOpen(nowTick);
        while (undecided.TryPeek(out var oldest) && (!IsOn || oldest.Header.LastTick + delayTicks < nowTick)) DecideFirst();
        foreach (var block in undecided) firstNeededTick = Math.Min(firstNeededTick, block.Header.FirstTick);
        interests.ForgetBefore(firstNeededTick);
    }

    /// <summary>Decides on all that waits by what is known now.</summary>
    /// <param name="keepsAll">The program dies: its last moments are interesting.</param>
    public void Finish(bool keepsAll)
    {
        IsOn &= !keepsAll;
        while (undecided.Count > 0) DecideFirst();
    }

    void DecideFirst()
    {
        var block = undecided.Dequeue();
        waitingBytes -= block.StoredBytes;
        if (block.IsInMemory) waitingInMemory -= block.StoredBytes;
        var header = block.Header;
        Send(block, isKept: !IsOn || IsOfTheShare(header.Sequence) || interests.Overlap(header.FirstTick, header.LastTick));
    }

    bool IsOfTheShare(ulong sequence) => rules.OneIn > 0 && sequence % (ulong)rules.OneIn == 0;

    void Send(FinishedBlock block, bool isKept)
    {
        // One that holds a gap record alone says what was lost before, and why.
        if (block.Header.Events == 0)
        {
            budget?.Spend(block.StoredBytes);
            sink.Add(block);
        }
        else if (isKept && budget?.TrySpend(block.Header.Class, block.StoredBytes) != false)
        {
            sink.Add(block);
        }
        else
        {
            var gap = block.ToGap(GapReason.Sampled);
            if (block.Spooled?.TryGiveUp(gap.Bytes) == true) gap.Spooled = block.Spooled;
            Volatile.Write(ref sampledEvents, sampledEvents + block.Header.Events);
            budget?.Spend(gap.StoredBytes);
            sink.Add(gap);
        }
    }
}
