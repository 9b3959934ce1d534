namespace Legion.Sdk;

/// <summary>A thread of a dead process, as its cursor and segments tell.</summary>
sealed unsafe class LeftThread(SegmentArea area, int index) : IRecordedThread
{
    public Cursor* Cursor { get; } = area.CursorAt(index);
    public Guid StreamId => Cursor->StreamId;
    public ulong ThreadId => Cursor->ThreadId;
    public string ThreadName => Cursor->Name;
    public bool IsAlive => false;
    public ulong AddressOffset => area.Header.Base - (ulong)area.Base;
    /// <summary>True where what the cursor names is no segment of the thread's.</summary>
    public bool IsDamaged => Cursor->Generation > 0 && Cursor->First != -1 && First is null;

    public Segment? First => Cursor->First is >= 0 and var first && first < area.Segments && area[first].Belongs(index, Cursor->Generation) ? area[first] : null;
    public Loss Loss { get; } = new();

    public void Release()
    {
    }
}
