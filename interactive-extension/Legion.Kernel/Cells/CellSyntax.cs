using System.Text;
using Legion.Notebook.Grammar;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Legion.Kernel.Cells;

public enum Completeness
{
    Complete,
    Incomplete,
    Invalid,
}

/// <summary>What a cell's text is made of.</summary>
static class CellSyntax
{
    public static IReadOnlyList<CellSegment> Split(string cell) => CellSegment.Split(cell, IsOpen);

    /// <summary>The segment's C# with as many empty lines before it as the cell has, so that every line number is the cell's.</summary>
    public static string AtItsLine(CellSegment segment) => new string('\n', segment.FirstLine) + segment.Text;

    /// <summary>The cell with spaces for its magics: every position is the cell's.</summary>
    public static string WithoutMagics(string cell)
    {
        var code = new StringBuilder(cell);
        foreach (var segment in Split(cell).Where(segment => segment.IsMagic))
            for (var i = segment.Start; i < segment.Start + segment.Text.Length; i++)
                if (code[i] is not ('\n' or '\r'))
                    code[i] = ' ';
        return code.ToString();
    }

    public static SyntaxTree Parse(string code) => CSharpSyntaxTree.ParseText(code, ScriptChain.ParseOptions);

    public static Completeness IsComplete(string cell)
    {
        var code = WithoutMagics(cell);
        if (string.IsNullOrWhiteSpace(code))
            return Completeness.Complete;
        var tree = Parse(code);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return Completeness.Incomplete;
        return tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? Completeness.Invalid : Completeness.Complete;
    }

    // The compiler's words for a comment, a verbatim string and a raw string without an end.
    static bool IsOpen(string code) =>
        Parse(code).GetDiagnostics().Any(diagnostic => diagnostic.Id is "CS1035" or "CS1039" or "CS8997");
}
