using Legion.Notebook.Grammar;
using Xunit;

namespace Legion.Tests.Notebook;

public sealed class MagicGrammarTests
{
    // Magic, then what it means: verb|arguments|options|name|body.
    [Theory]
    [InlineData("#!legion connect lake", "connect|lake|||")]
    [InlineData("#!legion connect \"my lake\" -> l", "connect|my lake||l|")]
    [InlineData("#!legion connect 'C:\\temp\\new'", @"connect|C:\temp\new|||")]
    [InlineData("#!legion connect \"a \\\"b\\\" \\\\\"", "connect|a \"b\" \\|||")]
    [InlineData("  #!legion   processes\t--last  24h ", "processes||last=24h||")]
    [InlineData("#!legion processes --search=\"two words\" --limit 5 --name p", "processes||limit=5 search=two words|p|")]
    [InlineData("#!legion processes --search=a=b", "processes||search=a=b||")]
    [InlineData("#!legion processes --search=", "processes||search=||")]
    [InlineData("#!legion processes ->p", "processes|||p|")]
    [InlineData("#!legion logs @p --in @f.sel --level warn+", "logs|@p|in=@f.sel level=warn+||")]
    [InlineData("#!legion logs \"@p\"", "logs|@p (text)|||")]
    [InlineData("#!legion sql \"SELECT 1\" -> df", "sql|SELECT 1||df|")]
    [InlineData("#!legion sql --from now-15m -> df\nSELECT a->'b'\nFROM t", "sql||from=now-15m|df|SELECT a->'b'\nFROM t")]
    [InlineData("#!legion-sql --name df\nSELECT 1", "sql|||df|SELECT 1")]
    [InlineData("#!legion-sql\nSELECT 1", "sql||||SELECT 1")]
    [InlineData("#!legion help flame", "help|flame|||")]
    public void Understands(string magic, string meaning)
    {
        var call = Magics.Parse(magic);
        Assert.Equal(meaning, string.Join('|',
            call.Verb.Name,
            string.Join(' ', call.Arguments.Select(Show)),
            string.Join(' ', call.Options.OrderBy(o => o.Key).Select(o => $"{o.Key}={Show(o.Value)}")),
            call.Name,
            call.Body));

        static string Show(MagicValue value) => value.IsReference ? $"@{value.Text}" : value.Text.StartsWith('@') ? $"{value.Text} (text)" : value.Text;
    }

    // The caret stands below the column that is marked with ^ in the second line.
    [Theory]
    [InlineData("#!legion", "         ^", "expected a verb")]
    [InlineData("#!legion proceses", "         ^", "unknown verb 'proceses'; did you mean 'processes'?")]
    [InlineData("#!legion xyzzy", "         ^", "unknown verb 'xyzzy'")]
    [InlineData("#!legoin processes", "^", "unknown magic '#!legoin'; did you mean '#!legion'?")]
    [InlineData("  #!bash", "  ^", "unknown magic '#!bash'")]
    [InlineData("#!legion logs @p --levle warn+", "                 ^", "unknown option '--levle'; did you mean '--level'?")]
    [InlineData("#!legion logs @p --zzzzzz 1", "                 ^", "unknown option '--zzzzzz'")]
    [InlineData("#!legion logs", "              ^", "expected PROCESS")]
    [InlineData("#!legion logs @p @q", "                 ^", "unexpected '@q'")]
    [InlineData("#!legion logs @1", "              ^", "'@1' is no reference")]
    [InlineData("#!legion logs @p --grep", "                        ^", "expected a value after '--grep'")]
    [InlineData("#!legion logs @p --grep --limit 3", "                        ^", "expected a value after '--grep'")]
    [InlineData("#!legion logs @p --grep 'abc", "                        ^", "found no closing '")]
    [InlineData("#!legion logs @p --grep='abc'd", "                             ^", "expected a space after the closing quote")]
    [InlineData("#!legion logs @p --limit 1 --limit 2", "                           ^", "'--limit' was given twice")]
    [InlineData("#!legion processes -> 1a", "                      ^", "'1a' cannot be the name of a C# variable")]
    [InlineData("#!legion processes ->", "                      ^", "expected a variable name after '->'")]
    [InlineData("#!legion processes -> a --name b", "                        ^", "the result has a name already")]
    [InlineData("#!legion help -> a", "              ^", "'help' has no result to keep")]
    [InlineData("#!legion sql SELECT 1", "                    ^", "put the statement in quotes, or on the lines below")]
    [InlineData("#!legion-sql SELECT 1\nx", "             ^", "unexpected 'SELECT'")]
    public void PointsAtTheMistake(string magic, string caret, string problem)
    {
        var error = Assert.Throws<MagicException>(() => Magics.Parse(magic));
        Assert.Contains(problem, error.Problem);
        Assert.Equal(caret.Length, error.Column);
        var lines = error.Message.Split('\n');
        Assert.Equal(magic.Split('\n')[0], lines[1]);
        Assert.Equal(caret, lines[2]);
    }

    [Fact]
    public void AMistakeShowsTheUsageOfItsVerb()
    {
        var error = Assert.Throws<MagicException>(() => Magics.Parse("#!legion flame @p --heigth 3"));
        Assert.Equal(
            "unknown option '--heigth'; did you mean '--height'?\n"
            + "#!legion flame @p --heigth 3\n"
            + "                  ^\n"
            + "usage: #!legion flame PROCESS [--from T] [--to T] [--last 24h] [--in @sel] [--live 5s] [--explain] [--lake LAKE] [--threads glob] [--mode timeline] [--function name] [--color name] [--counters glob] [--logs warn+] [--height n] [-> name]",
            error.Message);
    }

    [Fact]
    public void TheCaretKeepsItsPlaceBelowTabs()
    {
        var error = Assert.Throws<MagicException>(() => Magics.Parse("#!legion\tlogs\t@p\t--x"));
        Assert.Equal("        \t    \t  \t^", error.Message.Split('\n')[2]);
    }

    // Segments as kind:firstLine, joined; code is C, a magic M.
    [Theory]
    [InlineData("var a = 1;", "C0")]
    [InlineData("#!legion processes\nvar a = 1;", "M0 C1")]
    [InlineData("var a = 1;\n\n#!legion processes -> p\np.Count", "C0 M2 C3")]
    [InlineData("#!legion sql -> df\nSELECT 1\n\nFROM x\n#!legion help\nvar a = 1;", "M0 M4 C5")]
    [InlineData("#!legion sql 'SELECT 1'\nvar a = 1;", "M0 C1")]
    [InlineData("#!legion-sql\nSELECT '\n;\n", "M0")]
    [InlineData("#!who\nvar a = 1;", "M0 C1")]
    [InlineData("\n\n#!legion help\n\n", "M2")]
    public void ACellIsSplitIntoCodeAndMagics(string cell, string segments) =>
        Assert.Equal(segments, string.Join(' ', CellSegment.Split(cell, _ => false).Select(s => $"{(s.IsMagic ? 'M' : 'C')}{s.FirstLine}")));

    [Fact]
    public void SegmentsAreTheCellWordForWord()
    {
        const string Cell = "var a = 1;\n#!legion sql\nSELECT 1\n#!legion help\na";
        var segments = CellSegment.Split(Cell, _ => false);
        Assert.Equal(Cell, string.Concat(segments.Select(s => s.Text)));
        Assert.All(segments, s => Assert.Equal(s.Text, Cell.Substring(s.Start, s.Text.Length)));
    }

    [Theory]
    [InlineData("SELECT * FROM t WHERE a = $a AND b > $b2 OR c = $a", "a b2")]
    [InlineData("SELECT '$no', \"$no\" -- $no\n, $yes /* $no */", "yes")]
    [InlineData("SELECT 'it''s $no', $yes", "yes")]
    [InlineData("SELECT $$ $no $$, $tag$ $no $tag$, $1, $yes", "yes")]
    [InlineData("SELECT 'open $no", "")]
    public void FindsTheParametersOfAStatement(string sql, string names) =>
        Assert.Equal(names, string.Join(' ', SqlParameters.Names(sql)));
}
