using Legion.Format;

namespace Legion.Sdk;

/// <summary>A stream that the events of all threads go to, made when the first of them comes.</summary>
sealed class MergedStream(Guid processId, StreamClass streamClass, string name, Schema schema)
{
    public Guid StreamId { get; } = Guid.CreateVersion7();
    public StreamClass Class => streamClass;
    public string Name => name;
    public MergedWriter Writer => field ??= new MergedWriter(processId, StreamId, streamClass, schema);

    /// <summary>When the oldest event of the block in progress was taken; monotonic nanoseconds.</summary>
    public long OldestNs { get; set; }

    /// <summary>Segments that the block in progress needs.</summary>
    public HeldSegments Held { get; } = new();

    /// <summary>True once the stream's record has been handed to the sink.</summary>
    public bool IsAnnounced { get; set; }
}
