using System.Runtime.InteropServices;

namespace Legion.Sdk;

/// <summary>How far the flusher has read what a thread recorded, and the thread's own stream.</summary>
sealed unsafe class ThreadStream(ThreadContext thread, Guid processId)
{
    Segment segment = thread.First;
    int offset;
    Segment cutSegment = thread.First;
    int cutTail;
    Loss? cutLoss;

    public ThreadContext Thread { get; } = thread;
    public Guid StreamId { get; } = Guid.CreateVersion7();
    public TraceWriter Trace => field ??= new TraceWriter(processId, StreamId);

    /// <summary>When the oldest event of the block in progress was taken; monotonic nanoseconds.</summary>
    public long OldestNs { get; set; }

    /// <summary>True once the stream's record has been handed to the sink.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>True when the thread had died before the last cut, so that nothing comes after it.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>Settles how far this pass reads: up to the thread's tail, and to what it has lost since.</summary>
    public void TakeTail()
    {
        IsFinal = !Thread.IsAlive;
        while (cutSegment.Next is { } next) cutSegment = next;
        cutTail = cutSegment.Tail;
        lock (Thread.Loss)
        {
            // A loss is the thread's last word only while no record follows it.
            if (Thread.Loss.Any && cutSegment.Next is null && cutSegment.Tail == cutTail) cutLoss = Thread.Loss.Take();
        }
    }

    /// <summary>The next record before the cut; false at the cut. The record is gone from here on, whatever its reader makes of it.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        record = default;
        while (offset >= (segment == cutSegment ? cutTail : segment.Tail))
        {
            if (segment == cutSegment) return false;
            var left = segment;
            segment = left.Next!;
            offset = 0;
            left.Release();
        }
        var at = segment.Records + offset;
        var bytes = 8 * *(ushort*)(at + 2);
        if (bytes < RecordLayout.PrefixBytes || bytes > segment.Tail - offset)
        {
            var seen = segment.Tail - offset;
            offset = segment.Tail;
            throw new InvalidDataException($"segment of thread {Thread.ThreadId}: expected a record of 16 to {seen} bytes, saw {bytes}");
        }
        record = new ReadOnlySpan<byte>(at, bytes);
        offset += bytes;
        return true;
    }

    /// <summary>What the thread had lost at the cut after its last record, or null; given once.</summary>
    public Loss? TakeLoss()
    {
        var taken = cutLoss;
        cutLoss = null;
        return taken;
    }

    /// <summary>Gives back the segment of a thread that is dead and wholly read.</summary>
    public void Release() => segment.Release();

    /// <summary>The words of a resync record after the first.</summary>
    public static Loss ReadLoss(ReadOnlySpan<byte> record, uint shapes) => Loss.Read(MemoryMarshal.Cast<byte, ulong>(record)[1..], (int)shapes);
}
