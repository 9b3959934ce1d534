using Legion.Format;

namespace Legion.Sdk;

/// <summary>A stream that the events of all threads go to, made when the first of them comes.</summary>
sealed class MergedStream(Guid processId, StreamClass streamClass, string name, Schema schema)
{
    readonly Dictionary<Guid, ulong> cut = [];

    public Guid StreamId { get; private set; } = Guid.CreateVersion7();
    public StreamClass Class => streamClass;
    public string Name => name;
    public Schema Schema => schema;
    public MergedWriter Writer => field ??= new MergedWriter(processId, StreamId, streamClass, schema);

    /// <summary>When the oldest event of the block in progress was taken; monotonic nanoseconds.</summary>
    public long OldestNs { get; set; }

    /// <summary>Segments that the block in progress needs.</summary>
    public HeldSegments Held { get; } = new();

    /// <summary>Goes on where the stream was cut last by a process that is dead.</summary>
    public void Resume(Guid streamId, ulong sequence, ulong nextOrdinal, CutState state)
    {
        StreamId = streamId;
        Writer.Resume(sequence, nextOrdinal);
        foreach (var (thread, position) in state.Positions) cut[thread] = position;
    }

    /// <summary>How far into what the thread recorded the blocks of a dead process reach.</summary>
    public ulong CutOf(ThreadStream thread) => cut.GetValueOrDefault(thread.StreamId);

    /// <summary>True for a record that a block of the dead process holds already.</summary>
    public bool IsCut(ThreadStream thread) => cut.Count > 0 && cut.TryGetValue(thread.StreamId, out var position) && thread.RecordPosition < position;

    /// <summary>The stream's record; null until it has been handed to the sink.</summary>
    public StreamRecord? Announced { get; set; }

    /// <summary>The block that was cut last, until it is handed on.</summary>
    public PendingCut? Pending { get; set; }
}
