using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Legion.Kernel.Cells;

/// <summary>
/// A cell's code in which every loop asks, in each round, whether the cell was interrupted.
/// What is inserted stays on the line where it stands, so that line numbers are the cell's; columns are mapped back.
/// </summary>
sealed class GuardedCode
{
    const string Check = "global::Legion.Kernel.Cells.Interruption.Check();";

    readonly SourceText _original;
    readonly List<(int Position, string Text)> _insertions = [];

    GuardedCode(string code)
    {
        _original = SourceText.From(code);
        foreach (var body in CellSyntax.Parse(code).GetRoot().DescendantNodes().Select(Body))
        {
            if (body is BlockSyntax block)
                _insertions.Add((block.OpenBraceToken.Span.End, Check));
            else if (body is not null)
            {
                _insertions.Add((body.SpanStart, "{" + Check));
                _insertions.Add((body.Span.End, "}"));
            }
        }
        // Insertions at one place are alike, but for those that a loop without braces makes around another.
        _insertions.Sort(static (a, b) => a.Position.CompareTo(b.Position));
        var text = new StringBuilder();
        var done = 0;
        foreach (var (position, insertion) in _insertions)
        {
            text.Append(code, done, position - done).Append(insertion);
            done = position;
        }
        Text = text.Append(code, done, code.Length - done).ToString();
    }

    public string Text { get; }

    public bool HasLoops => _insertions.Count > 0;

    /// <param name="code">Without syntax errors.</param>
    public static GuardedCode Of(string code) => new(code);

    /// <summary>The column in the cell's own text of one in the guarded text. Lines and columns count from 1.</summary>
    public int OriginalColumn(int line, int column)
    {
        if (line < 1 || line > _original.Lines.Count)
            return column;
        var (start, end) = (_original.Lines[line - 1].Start, _original.Lines[line - 1].End);
        var original = column;
        foreach (var (position, insertion) in _insertions)
            if (position >= start && position <= end && position - start + 1 <= original - insertion.Length)
                original -= insertion.Length;
        return original;
    }

    static StatementSyntax? Body(SyntaxNode node) => node switch
    {
        WhileStatementSyntax loop => loop.Statement,
        DoStatementSyntax loop => loop.Statement,
        ForStatementSyntax loop => loop.Statement,
        CommonForEachStatementSyntax loop => loop.Statement,
        _ => null,
    };
}
