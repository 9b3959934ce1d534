using System.ComponentModel;

namespace Legion.Kernel.Cells;

/// <summary>
/// Where loops of cells learn that their cell was interrupted. <see cref="GuardedCode"/> calls it in each round.
/// The runtime's own way to stop a thread in the middle of a loop was seen to hang the whole process.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Interruption
{
    // Cells that were interrupted and have not ended: zero nearly always, which is all that a loop pays for.
    static int s_pending;

    /// <exception cref="OperationCanceledException">The cell that runs here was interrupted.</exception>
    public static void Check()
    {
        if (Volatile.Read(ref s_pending) != 0)
            CellConsole.Cell?.ThrowIfInterrupted();
    }

    internal static void Begin() => Interlocked.Increment(ref s_pending);

    internal static void End() => Interlocked.Decrement(ref s_pending);
}
