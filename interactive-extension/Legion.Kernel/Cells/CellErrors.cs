using System.Collections.Immutable;
using System.Diagnostics;
using Legion.Notebook.Grammar;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Legion.Kernel.Cells;

/// <summary>Says what stopped a cell, with the place in the cell.</summary>
static class CellErrors
{
    // Beyond the first few, errors are mostly consequences.
    const int ShownErrors = 5;

    public static readonly ErrorOutput Interrupted = new("Interrupted", "the cell was interrupted", ["Interrupted: the cell was interrupted"], null, null);

    /// <param name="cell">The whole cell: diagnostics count their lines in it.</param>
    public static ErrorOutput? OfCompilation(string cell, IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(error => (error.Location.GetLineSpan().StartLinePosition, text: $"{error.Id}: {error.GetMessage()}"))
            .ToList();
        return errors.Count == 0 ? null : AtPlaces(cell, errors);
    }

    /// <summary>
    /// <c>using var</c> at the top level reads as a malformed using directive to the compiler,
    /// whose "; expected" helps nobody.
    /// </summary>
    public static ErrorOutput? OfUsingDeclaration(string cell, SyntaxTree tree)
    {
        var found = ((CompilationUnitSyntax)tree.GetRoot()).Usings.FirstOrDefault(directive =>
            directive.SemicolonToken.IsMissing && directive.SemicolonToken.GetNextToken() is var next
            && (next.IsKind(SyntaxKind.IdentifierToken) || next.IsKind(SyntaxKind.EqualsToken)));
        if (found is null)
            return null;
        const string Text = "a cell cannot say 'using var' at its top level, because its variables live on after it: "
            + "write using (var x = ...) { ... }, or a plain variable that you dispose of";
        return AtPlaces(cell, [(tree.GetLineSpan(found.Span).StartLinePosition, Text)]);
    }

    public static ErrorOutput OfMagic(MagicException error, CellSegment segment) =>
        new("MagicError", error.Problem, error.Message.Split('\n'), segment.FirstLine + error.LinesBefore + 1, error.Column);

    /// <param name="columnOf">The user's column of a file, line and column in a stack trace.</param>
    public static ErrorOutput OfException(Exception exception, Func<string, int, int, int> columnOf)
    {
        var trace = new List<string>();
        int? line = null, column = null;
        for (var current = exception; current is not null; current = current.InnerException)
        {
            var text = $"{current.GetType().FullName}: {current.Message}";
            trace.AddRange((ReferenceEquals(current, exception) ? text : $"caused by {text}").Split('\n').Select(part => part.TrimEnd('\r')));
            foreach (var frame in new StackTrace(current, fNeedFileInfo: true).GetFrames())
            {
                if (!IsOfUser(frame))
                    continue;
                var isCell = frame.GetFileName()?.StartsWith(CellFile.Prefix, StringComparison.Ordinal) == true;
                var at = isCell ? columnOf(frame.GetFileName()!, frame.GetFileLineNumber(), frame.GetFileColumnNumber()) : 0;
                if (isCell && line is null)
                    (line, column) = (frame.GetFileLineNumber(), at);
                trace.Add(isCell
                    ? $"   at {frame.GetFileName()}, line {frame.GetFileLineNumber()}, column {at}"
                    : $"   at {frame.GetMethod()?.DeclaringType?.FullName}.{frame.GetMethod()?.Name}");
            }
        }
        return new(exception.GetType().FullName ?? exception.GetType().Name, exception.Message, trace, line, column);
    }

    // The engine below the cell is the same in every trace and says nothing about the error.
    static bool IsOfUser(StackFrame frame)
    {
        var type = frame.GetMethod()?.DeclaringType?.FullName ?? "";
        return !type.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal)
            && !type.StartsWith("Legion.Kernel.", StringComparison.Ordinal)
            && !type.StartsWith("System.Runtime.", StringComparison.Ordinal)
            && !type.StartsWith("System.Threading.", StringComparison.Ordinal)
            && !type.StartsWith("System.ThrowHelper", StringComparison.Ordinal);
    }

    static ErrorOutput AtPlaces(string cell, IReadOnlyList<(Microsoft.CodeAnalysis.Text.LinePosition Place, string Text)> errors)
    {
        var lines = cell.Split('\n');
        var trace = new List<string>();
        foreach (var (place, text) in errors.Take(ShownErrors))
        {
            trace.Add($"({place.Line + 1},{place.Character + 1}): {text}");
            if (place.Line >= lines.Length)
                continue;
            var source = lines[place.Line].TrimEnd('\r');
            trace.Add(source);
            trace.Add(new string([.. source.Take(place.Character).Select(c => c == '\t' ? '\t' : ' ')]).PadRight(place.Character) + "^");
        }
        if (errors.Count > ShownErrors)
            trace.Add($"and {errors.Count - ShownErrors} more");
        var first = errors[0];
        return new("CompilationError", trace[0], trace, first.Place.Line + 1, first.Place.Character + 1);
    }
}

/// <summary>What a cell is called in stack traces.</summary>
static class CellFile
{
    public const string Prefix = "cell ";

    public static string Name(int executionCount) => $"{Prefix}{executionCount}";
}
