namespace Legion.Sdk;

/// <summary>A log whose arguments were being evaluated when the thread recorded something else, or that is too long for its segment. It goes on here.</summary>
sealed unsafe class SpilledLog
{
    // Half as much again as a record may have: what is written at once never lies beyond the end.
    readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(RecordLayout.MaxBodyBytes, pinned: true);

    public uint Number { get; set; }

    /// <summary>Bytes so far.</summary>
    public int Length { get; set; }

    public byte* Start => (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0);

    public byte* End => Start + bytes.Length;

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);
}

/// <summary>Logs are put together behind the thread's position while the program's own code runs between their arguments.</summary>
sealed unsafe partial class ThreadContext
{
    /// <summary>More logs than this within one another are logs that an exception left unfinished.</summary>
    const int MostSpilled = 32;

    // Innermost last.
    readonly List<SpilledLog> spilled = [];
    readonly Stack<SpilledLog> unused = [];

    /// <summary>Makes room for a log to be put together behind the position; what is recorded meanwhile takes the slow way.</summary>
    /// <returns>False when memory is full: it will be lost.</returns>
    public bool TryBeginLog() => Room(LeastRoom) is not null;

    /// <summary>The log of the number, which another record interrupted or which has become too long; null when it was taken for unfinished.</summary>
    /// <param name="at">How far it has been put together, where it is the pending one.</param>
    public SpilledLog? Resume(uint number, byte* at)
    {
        if (Cursor->PendingLog == number)
        {
            Cursor->Pending = at;
            SpillLog();
        }
        // Logs within this one that did not finish never will.
        while (spilled.Count > 0 && spilled[^1].Number != number && spilled.Exists(log => log.Number == number)) Reuse(spilled[^1]);
        return spilled.Count > 0 && spilled[^1].Number == number ? spilled[^1] : null;
    }

    /// <summary>Appends a log that was spilled.</summary>
    public void AppendLog(SpilledLog log, byte level, uint template)
    {
        Append(RecordKind.Log, level, template, log, static (in SpilledLog log, ref RecordWriter writer) => writer.Fixed(log.Written));
        Reuse(log);
    }

    /// <summary>Moves the pending log out of the way.</summary>
    void SpillLog()
    {
        var start = Cursor->Position + RecordLayout.PrefixBytes;
        if (spilled.Count == MostSpilled) Reuse(spilled[0]);
        var log = unused.TryPop(out var known) ? known : new SpilledLog();
        log.Number = Cursor->PendingLog;
        log.Length = (int)Math.Min(Cursor->Pending - start, RecordLayout.MaxBodyBytes);
        new ReadOnlySpan<byte>(start, log.Length).CopyTo(new Span<byte>(log.Start, log.Length));
        spilled.Add(log);
        Cursor->PendingLog = 0;
        Reopen(Cursor);
    }

    /// <summary>Lets records append directly again, unless the recording has ended meanwhile.</summary>
    public static void Reopen(Cursor* cursor)
    {
        var end = cursor->End;
        cursor->Limit = end is null ? null : end - Sdk.Cursor.ReservedBytes;
    }

    void Reuse(SpilledLog log)
    {
        spilled.Remove(log);
        unused.Push(log);
    }
}
