namespace Legion.Notebook.Grammar;

/// <summary>A value as it was written: text, or a reference to a C# variable.</summary>
/// <param name="Text">The text without quotes; for a reference without the <c>@</c>.</param>
/// <param name="Column">Where it stands on the line, counted from 1.</param>
/// <param name="IsReference">Written as <c>@name</c> or <c>@name.member</c>.</param>
public sealed record MagicValue(string Text, int Column, bool IsReference);
