using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Legion.Kernel.Cells;

/// <summary>
/// A line <c>#r "..."</c> or <c>#load "..."</c>. The session carries it out before it compiles the code, in which there are spaces
/// in its place.
/// </summary>
/// <param name="IsLoad">It is <c>#load</c>.</param>
/// <param name="Value">What stands between the quotes.</param>
/// <param name="Line">In the cell, from 1.</param>
/// <param name="Column">Of the opening quote, from 1.</param>
sealed record CellDirective(bool IsLoad, string Value, int Line, int Column)
{
    /// <summary>Those of a text, in their order; what an <c>#if</c> leaves out is none.</summary>
    public static IReadOnlyList<CellDirective> Of(string code) => Nodes(code).Select(Read).ToList();

    /// <summary>The code with spaces for its directives: every position stays what it was.</summary>
    public static string Blank(string code)
    {
        StringBuilder? blanked = null;
        foreach (var node in Nodes(code))
        {
            blanked ??= new(code);
            for (var i = node.SpanStart; i < node.Span.End; i++)
                if (code[i] is not ('\n' or '\r'))
                    blanked[i] = ' ';
        }
        return blanked?.ToString() ?? code;
    }

    static IEnumerable<DirectiveTriviaSyntax> Nodes(string code)
    {
        if (!code.Contains('#'))
            yield break;
        for (var node = CellSyntax.Parse(code).GetRoot().GetFirstDirective(); node is not null; node = node.GetNextDirective())
            if (node is { IsActive: true } and (ReferenceDirectiveTriviaSyntax or LoadDirectiveTriviaSyntax))
                yield return node;
    }

    static CellDirective Read(DirectiveTriviaSyntax node)
    {
        var file = node is LoadDirectiveTriviaSyntax load ? load.File : ((ReferenceDirectiveTriviaSyntax)node).File;
        var place = node.SyntaxTree.GetLineSpan(file.Span).StartLinePosition;
        return new(node is LoadDirectiveTriviaSyntax, file.ValueText.Trim(), place.Line + 1, place.Character + 1);
    }
}

/// <summary>A line of the kernel's own that cannot be carried out.</summary>
/// <param name="problem">One sentence without a full stop.</param>
/// <param name="line">In the cell, from 1.</param>
/// <param name="column">In the line, from 1.</param>
sealed class DirectiveException(string problem, int line, int column, Exception? cause = null) : Exception(problem, cause)
{
    public int Line => line;

    public int Column => column;

    /// <summary>How the line is written; null where there is nothing to tell.</summary>
    public string? Usage { get; init; }
}
