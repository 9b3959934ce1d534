namespace Legion.Kernel.Cells;

/// <summary>A text that runs as a cell: the cell itself, or a part of a file that it imports.</summary>
/// <param name="Text">With <c>\n</c> at the ends of its lines.</param>
/// <param name="Name">What stack traces call it.</param>
/// <param name="Folder">What paths in it are relative to.</param>
/// <param name="IsImported">Its errors name it, and the value of its last expression is not the cell's.</param>
sealed record CellSource(string Text, string Name, string Folder, bool IsImported = false);
