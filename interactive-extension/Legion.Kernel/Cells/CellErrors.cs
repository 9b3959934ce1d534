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

    public static readonly ErrorOutput Interrupted = Stopped("the cell was interrupted");

    public static readonly ErrorOutput LeftBehind = Stopped("the cell was interrupted, but what it called cannot be stopped and still runs: restart the kernel to end it");

    /// <param name="source">The whole cell: diagnostics count their lines in it.</param>
    public static ErrorOutput? OfCompilation(CellSource source, IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(error => (error.Location.GetLineSpan().StartLinePosition, text: $"{error.Id}: {error.GetMessage()}"))
            .ToList();
        return errors.Count == 0 ? null : AtPlaces(source, errors);
    }

    /// <summary>
    /// <c>using var</c> at the top level reads as a malformed using directive to the compiler,
    /// whose "; expected" helps nobody.
    /// </summary>
    public static ErrorOutput? OfUsingDeclaration(CellSource source, SyntaxTree tree)
    {
        var found = ((CompilationUnitSyntax)tree.GetRoot()).Usings.FirstOrDefault(directive =>
            directive.SemicolonToken.IsMissing && directive.SemicolonToken.GetNextToken() is var next
            && (next.IsKind(SyntaxKind.IdentifierToken) || next.IsKind(SyntaxKind.EqualsToken)));
        if (found is null)
            return null;
        const string Text = "a cell cannot say 'using var' at its top level, because its variables live on after it: "
            + "write using (var x = ...) { ... }, or a plain variable that you dispose of";
        return AtPlaces(source, [(tree.GetLineSpan(found.Span).StartLinePosition, Text)]);
    }

    public static ErrorOutput OfMagic(MagicException error, CellSegment segment) =>
        new("MagicError", error.Problem, error.Message.Split('\n'), segment.FirstLine + error.LinesBefore + 1, error.Column);

    public static ErrorOutput OfDirective(CellSource source, DirectiveException error)
    {
        var text = source.Text.Split('\n')[error.Line - 1];
        var trace = new List<string> { source.IsImported ? $"{source.Name}: {error.Message}" : error.Message, text, Caret(text, error.Column - 1) };
        if (error.Usage is not null)
            trace.Add($"usage: {error.Usage}");
        return new(text.TrimStart().StartsWith("#!", StringComparison.Ordinal) ? "MagicError" : "DirectiveError", trace[0], trace, error.Line, error.Column);
    }

    /// <param name="columnOf">The user's column of a file, line and column in a stack trace; null where the file is no cell.</param>
    public static ErrorOutput OfException(Exception exception, Func<string, int, int, int?> columnOf)
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
                var at = frame.GetFileName() is { } file ? columnOf(file, frame.GetFileLineNumber(), frame.GetFileColumnNumber()) : null;
                if (at is not null && line is null)
                    (line, column) = (frame.GetFileLineNumber(), at);
                trace.Add(at is not null
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

    static ErrorOutput Stopped(string text) => new("Interrupted", text, [$"Interrupted: {text}"], null, null);

    // Tabs are kept, so that the caret stands below its character at any tab width.
    static string Caret(string line, int column) =>
        new string([.. line.Take(column).Select(c => c == '\t' ? '\t' : ' ')]).PadRight(column) + "^";

    static ErrorOutput AtPlaces(CellSource source, IReadOnlyList<(Microsoft.CodeAnalysis.Text.LinePosition Place, string Text)> errors)
    {
        var lines = source.Text.Split('\n');
        var file = source.IsImported ? source.Name : "";
        var trace = new List<string>();
        foreach (var (place, text) in errors.Take(ShownErrors))
        {
            trace.Add($"{file}({place.Line + 1},{place.Character + 1}): {text}");
            if (place.Line >= lines.Length)
                continue;
            var line = lines[place.Line].TrimEnd('\r');
            trace.Add(line);
            trace.Add(Caret(line, place.Character));
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
    public static string Name(int executionCount) => $"cell {executionCount}";

    /// <param name="number">Of those that have no place in the notebook.</param>
    public static string Uncounted(int number) => $"uncounted cell {number}";
}
