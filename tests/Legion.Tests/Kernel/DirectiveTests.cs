using System.Reflection;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Notebook.Grammar;

namespace Legion.Tests.Kernel;

/// <summary>Files that cells refer to and run, and the kernel's own magics.</summary>
public sealed class DirectiveTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-directives-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AnAssemblyIsFoundFromTheNotebooksFolder()
    {
        var feed = new PackageFeed(_folder.FullName);
        feed.Add("Made.Tool", "1.0.0", "public static class Tool { public static int Twice(int n) => 2 * n; }");
        feed.Add("Made.Tool", "2.0.0", "public static class Tool { public static int Twice(int n) => 3 * n; }");
        using var session = NewSession();
        Assert.Equal("result: 8", (await RecordedCell.RunAsync(session, "#r \"built/1.0.0/Made.Tool.dll\"\nTool.Twice(4)")).Text);
        Assert.Equal("result: 2", (await RecordedCell.RunAsync(session, "#r \"built/1.0.0/Made.Tool.dll\"\n#r \"System.Xml\"\nTool.Twice(1)")).Text);
        Assert.Contains("Twice", (await session.CompleteAsync("Tool.", 5, Cancel)).Matches);
        Assert.StartsWith("error: the assembly 'Made.Tool' is loaded already, from ", (await RecordedCell.RunAsync(session, "#r \"built/2.0.0/Made.Tool.dll\"")).Text);
    }

    [Fact]
    public async Task WhatTheProgramHasBesideIsAReferenceWhenItIsAskedFor()
    {
        using var session = NewSession();
        const string Use = "Markdig.Markdown.ToHtml(\"a\").Trim()";
        Assert.StartsWith("error: (1,1): CS0103", (await RecordedCell.RunAsync(session, Use)).Text);
        Assert.Equal("result: <p>a</p>", (await RecordedCell.RunAsync(session, $"#r \"Markdig\"\n{Use}")).Text);
        Assert.Contains("ToHtml", (await session.CompleteAsync("Markdig.Markdown.To", 19, Cancel)).Matches);
    }

    /// <summary>A result whose members name a type that cells do not know could be looked at, and not used.</summary>
    [Fact]
    public void CellsKnowEveryTypeThatResultsAreMadeOf()
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
        var types = typeof(NotebookLake).Assembly.GetExportedTypes().Concat(typeof(CellGlobals).Assembly.GetExportedTypes()).ToList();
        var used = types.SelectMany(type => type.GetMethods(Public).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
            .Concat(type.GetProperties(Public).Select(property => property.PropertyType))
            .Concat(type.GetConstructors(Public).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType)))
            .Concat(type.GetInterfaces())
            .Append(type.BaseType ?? typeof(object)));
        Assert.Equal([], used.SelectMany(Parts).Select(type => type.Assembly.GetName().Name!).Distinct().Where(name => !ScriptReferences.IsKnown(name)).Order());

        static IEnumerable<Type> Parts(Type type) =>
            type.HasElementType ? Parts(type.GetElementType()!) : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
    }

    [Fact]
    public async Task WhatIsNoAssemblyIsRefusedWithItsPlace()
    {
        Write("text.dll", "text");
        using var session = NewSession();
        var missing = (await RecordedCell.RunAsync(session, "#r \"none.dll\"\n1")).Result.Error!;
        Assert.StartsWith($"found no assembly 'none.dll': looked for '{Path.Combine(_folder.FullName, "none.dll")}'", missing.Message);
        Assert.Equal((1, 4), (missing.Line, missing.Column));
        Assert.EndsWith("text.dll' is no .NET assembly", (await RecordedCell.RunAsync(session, "#r \"text.dll\"")).Text);
    }

    [Fact]
    public async Task AScriptIsLoadedWithItsOwnPaths()
    {
        Write("lib/part.csx", "int Part() => 20;");
        Write("lib/all.csx", "#load \"part.csx\"\nint All() => Part() + 1;\n\"shown\"");
        using var session = NewSession();
        Assert.Equal("display: shown\nresult: 21", (await RecordedCell.RunAsync(session, "#load \"lib/all.csx\"\nAll()")).Text);
        Assert.Contains("All", (await session.CompleteAsync("Al", 2, Cancel)).Matches);
    }

    [Fact]
    public async Task AnErrorInALoadedFileNamesItsPlaceThere()
    {
        Write("broken.csx", "int a = 1;\n  nope();");
        Write("throws.csx", "int n = 0;\nint Fail()\n{\n    return 1 / n;\n}");
        using var session = NewSession();
        var broken = (await RecordedCell.RunAsync(session, "\n#load \"broken.csx\"")).Result.Error!;
        Assert.Equal("broken.csx(2,3): CS0103: The name 'nope' does not exist in the current context", broken.Message);
        Assert.Equal(["  nope();", "  ^"], broken.Traceback.Skip(1));
        Assert.Equal((2, 7), (broken.Line, broken.Column));
        await RecordedCell.RunAsync(session, "#load \"throws.csx\"");
        var thrown = (await RecordedCell.RunAsync(session, "Fail()")).Result.Error!;
        Assert.Contains(thrown.Traceback, line => line.StartsWith("   at throws.csx, line 4, column "));
    }

    [Fact]
    public async Task AFileThatIsNotThereOrImportsItselfIsRefused()
    {
        Write("self.csx", "#load \"self.csx\"");
        Write("page.html", "");
        using var session = NewSession();
        Assert.StartsWith("error: found no file 'none.csx': looked for ", (await RecordedCell.RunAsync(session, "#load \"none.csx\"")).Text);
        Assert.Equal("error: self.csx: 'self.csx' imports itself", (await RecordedCell.RunAsync(session, "#!import self.csx")).Text);
        Assert.Equal("error: cannot run a file that ends in '.html': expected .cs, .csx, .dib or .ipynb", (await RecordedCell.RunAsync(session, "#!import page.html")).Text);
    }

    [Fact]
    public async Task ANotebookIsImportedWithItsMagics()
    {
        Write("other.ipynb", NotebookText.Of(NotebookText.Markdown("# nope("), NotebookText.Code("var imported = 3;"), NotebookText.Code("#!legion processes -> p\nConsole.WriteLine(p.Count);")));
        using var session = NewSession();
        Assert.Equal("display: [ 1, 2, 3 ]\nout: 3\nresult: 6", (await RecordedCell.RunAsync(session, "#!import \"other.ipynb\"\nimported + p.Count")).Text);
    }

    [Fact]
    public async Task OfADibFileTheCSharpAndLegionCellsRun()
    {
        Write("other.dib", "#!meta\n\n{\"kernelInfo\":{}}\n\n#!csharp\n\nvar a = 1;\n\n#!markdown\n\n# Title nope(\n\n#!legion processes -> p\n\n#!fsharp\n\nlet x = 1\n\n#!csharp\n\nvar b = a + p.Count;\n  later();\n");
        using var session = NewSession();
        var ran = await RecordedCell.RunAsync(session, "#!import other.dib");
        Assert.Equal("display: [ 1, 2, 3 ]\nerror: other.dib(22,3): CS0103: The name 'later' does not exist in the current context", ran.Text);
        Assert.Equal("result: 1", (await RecordedCell.RunAsync(session, "a")).Text);
    }

    [Fact]
    public async Task TheTimeOfWhatIsBelowIsShownAlsoWhenItFails()
    {
        using var session = NewSession();
        Assert.Matches(@"^result: 2\ndisplay: took [0-9.]+ (ms|s)$", (await RecordedCell.RunAsync(session, "#!time\n1 + 1")).Text);
        Assert.Matches(@"^display: took [0-9.]+ (ms|s)\nerror: boo$", (await RecordedCell.RunAsync(session, "#!time\nthrow new Exception(\"boo\");")).Text);
    }

    [Fact]
    public async Task VariablesAreListedWithTypesAndValues()
    {
        using var session = NewSession();
        Assert.Equal("display: no variables", (await RecordedCell.RunAsync(session, "#!who")).Text);
        await RecordedCell.RunAsync(session, """
            int n = 1; string text = "</td><b>\na"; List<(int, string[])> list = [(1, [])]; int? none = null; var old = 1;
            class Bad { public override string ToString() => throw new Exception("boo"); }
            var bad = new Bad();
            """);
        await RecordedCell.RunAsync(session, "var old = 2.5;");
        Assert.Equal("display: bad\nlist\nn\nnone\nold\ntext", (await RecordedCell.RunAsync(session, "#!who")).Text);
        var shown = await RecordedCell.RunAsync(session, "#!whos");
        Assert.Equal("""
            display: name  type                   value
            bad   Bad                    cannot be shown: Exception: boo
            list  List<(int, string[])>  List<(int, string[])> of 1
            n     int                    1
            none  int?                   null
            old   double                 2.5
            text  string                 "</td><b> a"
            """, shown.Text);
        Assert.Contains("&lt;/td&gt;&lt;b&gt;", Assert.IsType<DisplayOutput>(shown.Outputs.Single()).Data[MimeBundle.Html]);
    }

    [Theory]
    [InlineData("#!improt a.csx", "unknown magic '#!improt'; did you mean '#!import'?", 1)]
    [InlineData("  #!legoin processes", "unknown magic '#!legoin'; did you mean '#!legion'?", 3)]
    [InlineData("#!pwsh\nls", "unknown magic '#!pwsh'", 1)]
    [InlineData("#!who all", "unexpected 'all': '#!who' takes nothing", 7)]
    [InlineData("#!import", "expected FILE after '#!import'", 10)]
    public async Task AMagicThatIsNoneIsAnErrorWithItsPlace(string cell, string problem, int column)
    {
        using var session = NewSession();
        var ran = await RecordedCell.RunAsync(session, $"Console.WriteLine(\"never\");\n{cell}");
        Assert.Equal($"error: {problem}", ran.Text);
        var error = ran.Result.Error!;
        Assert.Equal(("MagicError", 2, column), (error.Name, error.Line, error.Column));
        Assert.Equal([cell.Split('\n')[0], new string(' ', column - 1) + "^"], error.Traceback.Skip(1).Take(2));
    }

    [Fact]
    public async Task MagicsAreCompletedDocumentedAndListed()
    {
        Write("lib/part.csx", "1");
        Write("library.txt", "");
        using var session = NewSession();
        Assert.Equal(["#!who", "#!whos"], (await session.CompleteAsync("1;\n#!wh", 7, Cancel)).Matches);
        Assert.Contains("#!legion", (await session.CompleteAsync("#!", 2, Cancel)).Matches);
        var file = await session.CompleteAsync("#!import li", 11, Cancel);
        Assert.Equal([new CellCompletion("lib/", "folder")], file.Items);
        Assert.Equal((9, 11), (file.Start, file.End));
        Assert.Equal(["lib/part.csx"], (await session.CompleteAsync("#!import lib/", 13, Cancel)).Matches);
        Assert.Equal("#!time\nsays how long the lines below took", await session.InspectAsync("#!time", 3, Cancel));
        var listed = (await RecordedCell.RunAsync(session, "#!lsmagic")).Text;
        Assert.Contains("#!import FILE ", listed);
        Assert.Contains("#!legion processes ", listed);
    }

    void Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    Session NewSession() => new(
        new Magics().Bind("processes", (_, _, _) => Task.FromResult<object?>(new List<int> { 1, 2, 3 })),
        new() { Working = _folder.FullName, PackageCache = Path.Combine(_folder.FullName, "restored") });
}
