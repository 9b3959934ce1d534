using Legion.Format;

namespace Legion.Sdk;

/// <summary>A block that was cut and is not handed on yet.</summary>
sealed class PendingCut(StreamRecord stream, CutState state)
{
    public StreamRecord Stream => stream;
    public CutState State => state;

    /// <summary>Null before the cut, and when the block is handed on.</summary>
    public FinishedBlock? Block { get; set; }
}
