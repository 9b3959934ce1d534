namespace Legion.Sdk;

/// <summary>A thread whose segments are read: one of this process, or one that a dead process has left.</summary>
unsafe interface IRecordedThread
{
    Cursor* Cursor { get; }

    Guid StreamId { get; }

    /// <summary>The operating system's number.</summary>
    ulong ThreadId { get; }

    string ThreadName { get; }

    bool IsAlive { get; }

    /// <summary>What makes an address of a segment here the one that the thread knew.</summary>
    ulong AddressOffset { get; }

    /// <summary>The oldest segment that is still needed; null while nothing is recorded.</summary>
    Segment? First { get; }

    /// <summary>What could not be recorded since the last record; guarded by its own lock.</summary>
    Loss Loss { get; }

    /// <summary>Gives the cursor back. The thread is dead, and all it recorded is taken care of.</summary>
    void Release();
}
