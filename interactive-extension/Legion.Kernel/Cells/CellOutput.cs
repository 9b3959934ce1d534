using Legion.Notebook;
using Legion.Kernel.Display;

namespace Legion.Kernel.Cells;

/// <summary>One thing a cell puts out. A transport turns it into its own form.</summary>
public abstract record CellOutput;

public enum StreamName
{
    Out,
    Error,
}

/// <summary>Text the cell wrote to the console.</summary>
public sealed record StreamOutput(StreamName Name, string Text) : CellOutput;

/// <summary>A value the cell displayed.</summary>
/// <param name="DisplayId">Names the place below the cell, so that a later output can replace what stands there; null where it stays.</param>
/// <param name="IsUpdate">Replaces what was displayed under the same id.</param>
public sealed record DisplayOutput(MimeBundle Data, string? DisplayId = null, bool IsUpdate = false) : CellOutput;

/// <summary>The value of the cell's last expression.</summary>
public sealed record ResultOutput(MimeBundle Data) : CellOutput;

/// <summary>Why the cell stopped.</summary>
/// <param name="Name">The exception's type, or CompilationError, MagicError, Interrupted.</param>
/// <param name="Message">One line where there is one.</param>
/// <param name="Traceback">What to show, line by line: the place in the cell with a caret, or the frames of the cell.</param>
/// <param name="Line">In the cell, from 1; null where it is not known.</param>
/// <param name="Column">In the line, from 1; null where it is not known.</param>
public sealed record ErrorOutput(string Name, string Message, IReadOnlyList<string> Traceback, int? Line, int? Column) : CellOutput;

/// <summary>How a cell ended.</summary>
/// <param name="ExecutionCount">The number of the cell, from 1.</param>
/// <param name="Error">What stopped it; null where it ran to its end. It was also put out.</param>
/// <param name="SelectionsRead">Results whose selection it has used.</param>
public sealed record CellResult(int ExecutionCount, ErrorOutput? Error, IReadOnlyCollection<ILiveResult> SelectionsRead);
