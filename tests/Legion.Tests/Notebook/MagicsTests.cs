using Legion.Notebook.Grammar;
using Xunit;

namespace Legion.Tests.Notebook;

public sealed class MagicsTests
{
    readonly FakeHost _host = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("#!legion processes", true)]
    [InlineData("  #!legion-sql\nSELECT 1", true)]
    [InlineData("#!legionx", false)]
    [InlineData("#!who", false)]
    [InlineData("var a = 1;", false)]
    public void KnowsItsOwn(string text, bool owns) => Assert.Equal(owns, Magics.Owns(text));

    [Fact]
    public async Task AVerbThatNobodyBoundSaysSo()
    {
        var error = await Assert.ThrowsAsync<MagicException>(() => new Magics().RunAsync("#!legion flame @p", _host, Cancel));
        Assert.Equal("'flame' is not available in this host", error.Problem);
        Assert.Equal(10, error.Column);
    }

    [Fact]
    public async Task ResultsGoIntoTheirVariable()
    {
        var magics = new Magics().Bind("sql", (call, _, _) => Task.FromResult<object?>(call.Body.Length));
        Assert.Equal(8, await magics.RunAsync("#!legion sql -> n\nSELECT 1", _host, Cancel));
        Assert.Equal(8, _host.Variables["n"]);
        Assert.Equal(8, await magics.RunAsync("#!legion-sql --name m\nSELECT 1", _host, Cancel));
        Assert.Equal(8, _host.Variables["m"]);
    }

    [Fact]
    public void OnlyKnownVerbsCanBeBound() =>
        Assert.Throws<ArgumentException>(() => new Magics().Bind("frob", (_, _, _) => Task.FromResult<object?>(null)));

    [Theory]
    [InlineData("@p", "p1")]
    [InlineData("@p.Length", 2)]
    [InlineData("@p.length", 2)]
    [InlineData("@f.sel", "selected")]
    [InlineData("@f.sel.Length", 8)]
    [InlineData("'@p'", "@p")]
    [InlineData("@nothing", null)]
    public async Task ReferencesReadVariablesAndTheirMembers(string argument, object? value)
    {
        _host.Variables["p"] = "p1";
        _host.Variables["f"] = new { Selection = "selected" };
        _host.Variables["nothing"] = null;
        var magics = new Magics().Bind("logs", (call, host, _) => Task.FromResult(call.Argument(0, host)));
        Assert.Equal(value, await magics.RunAsync($"#!legion logs {argument}", _host, Cancel));
    }

    [Theory]
    [InlineData("#!legion logs @pp", "found no variable 'pp'; did you mean 'p'?", 15)]
    [InlineData("#!legion logs @p.Lenght", "String has no member 'Lenght'; did you mean 'Length'?", 15)]
    [InlineData("#!legion logs p --limit many", "--limit takes a whole number from 1, not 'many'", 25)]
    [InlineData("#!legion logs p --limit 0", "--limit takes a whole number from 1, not '0'", 25)]
    public async Task ValuesThatDoNotFitArePointedAt(string magic, string problem, int column)
    {
        _host.Variables["p"] = "p1";
        var magics = new Magics().Bind("logs", (call, host, _) => Task.FromResult<object?>((call.Argument(0, host), call.Whole("limit", host, least: 1))));
        var error = await Assert.ThrowsAsync<MagicException>(() => magics.RunAsync(magic, _host, Cancel));
        Assert.Equal(problem, error.Problem);
        Assert.Equal(column, error.Column);
    }

    [Fact]
    public async Task HelpListsEveryVerbAndExplainsEach()
    {
        var list = (string?)await new Magics().RunAsync("#!legion help", _host, Cancel);
        foreach (var verb in Verbs.All)
        {
            Assert.Contains($"#!legion {verb.Name}", list);
            var text = (string?)await new Magics().RunAsync($"#!legion help {verb.Name}", _host, Cancel);
            Assert.StartsWith(verb.Usage, text);
            Assert.All(verb.Options, option => Assert.Contains(option.Summary, text));
        }
        var error = await Assert.ThrowsAsync<MagicException>(() => new Magics().RunAsync("#!legion help flam", _host, Cancel));
        Assert.Equal("unknown verb 'flam'; did you mean 'flame'?", error.Problem);
    }

    // The cursor is at the |.
    [Theory]
    [InlineData("#!leg|", "0-5 #!legion #!legion-sql")]
    [InlineData("#!legion |", "9-9 connect status schema processes sql flame metrics logs graph stats hist find share import export help")]
    [InlineData("#!legion f|l", "9-11 flame find")]
    [InlineData("#!legion logs @p --l|", "17-20 --level --limit --last --live --lake")]
    [InlineData("#!legion logs @p --level w|", "25-26 warn+")]
    [InlineData("#!legion logs @p --level=w|", "25-26 warn+")]
    [InlineData("#!legion logs @|", "14-15 @p @other")]
    [InlineData("#!legion logs p --limit 3 --li|", "26-30 --live")]
    [InlineData("#!legion-sql --n|", "13-16 --name")]
    [InlineData("#!legion help f|", "14-15 flame find")]
    [InlineData("#!legion xyz --|", "13-15")]
    public async Task OffersWhatCouldFollow(string marked, string offers)
    {
        _host.Variables["p"] = "p1";
        _host.Variables["other"] = 1;
        var cursor = marked.IndexOf('|');
        var found = await new Magics().CompleteAsync(marked.Remove(cursor, 1), cursor, _host, Cancel);
        Assert.Equal(offers, string.Join(' ', found.Items.Select(item => item.Text).Prepend($"{found.Start}-{found.End}")));
    }
}
