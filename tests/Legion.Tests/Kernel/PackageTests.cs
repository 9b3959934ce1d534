using Legion.Kernel.Cells;
using Legion.Notebook.Grammar;

namespace Legion.Tests.Kernel;

/// <summary><c>#r "nuget: ..."</c>, restored by the real NuGet from a feed in a folder.</summary>
public sealed class PackageTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-packages-");
    readonly PackageFeed _feed;

    public PackageTests()
    {
        _feed = new(_folder.FullName);
        _feed.Add("Made.Base", "1.0.0", "namespace Made; public static class Base { public static string Name => \"base 1.0\"; }");
        _feed.Add("Made.Leaf", "1.0.0", """
            namespace Made;
            /// <summary>A leaf of the tree.</summary>
            public static class Leaf { public static string Text => "leaf on " + Base.Name; }
            """, dependency: ("Made.Base", "1.0.0"));
        _feed.Add("Made.Base", "1.1.0", "namespace Made; public static class Base { public static string Name => \"base 1.1\"; }");
        _feed.Add("Made.Base", "2.0.0-beta", "namespace Made; public static class Base { public static string Name => \"base 2.0\"; }");
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task APackageComesWithWhatItDependsOn()
    {
        using (var session = NewSession())
        {
            Assert.Equal(
                "display: restoring Made.Leaf 1.0\nupdate: loaded Made.Leaf 1.0.0\nresult: leaf on base 1.0",
                (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Leaf, 1.0\"\nMade.Leaf.Text")).Text);
            Assert.Equal("result: leaf on base 1.0", (await RecordedCell.RunAsync(session, "using Made;\nLeaf.Text")).Text);
            Assert.Contains("Text", (await session.CompleteAsync("Made.Leaf.", 10, Cancel)).Matches);
            Assert.Contains("A leaf of the tree.", await session.InspectAsync("Made.Leaf", 8, Cancel));
            Assert.Equal("result: 1", (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Leaf, 1.0.0\"\n1")).Text);
        }

        // The next session needs no feed.
        _feed.Close();
        using var next = NewSession();
        Assert.Equal("display: loaded Made.Leaf 1.0.0\nresult: leaf on base 1.0", (await RecordedCell.RunAsync(next, "#r \"nuget: Made.Leaf, 1.0\"\nMade.Leaf.Text")).Text);
    }

    [Fact]
    public async Task WithoutAVersionItIsTheNewestThatIsNoPrerelease()
    {
        using var session = NewSession();
        Assert.Equal("display: restoring Made.Base\nupdate: loaded Made.Base 1.1.0\nresult: base 1.1", (await RecordedCell.RunAsync(session, "#r \"nuget:Made.Base\"\nMade.Base.Name")).Text);
        // What is loaded stays, and what comes later must go with it.
        Assert.Equal(
            "error: package 'Made.Base' 1.1.0 is loaded already: only a restart of the kernel makes room for version 2.0.0-beta",
            (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Base, 2.0.0-beta\"")).Text);
        Assert.EndsWith("result: leaf on base 1.1", (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Leaf\"\nMade.Leaf.Text")).Text);
    }

    [Fact]
    public async Task NativeLibrariesAreFound()
    {
        var library = Directory.EnumerateFiles(AppContext.BaseDirectory, "*e_sqlite3.*").First(file => Path.GetFileName(file) is "libe_sqlite3.so" or "e_sqlite3.dll" or "libe_sqlite3.dylib");
        _feed.Add("Made.Native", "1.0.0", """
            using System.Runtime.InteropServices;
            public static class Native { [DllImport("madenative", EntryPoint = "sqlite3_libversion_number")] public static extern int Version(); }
            """, native: (library, "madenative"));
        using var session = NewSession();
        Assert.EndsWith("result: True", (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Native\"\nNative.Version() > 3_000_000")).Text);
    }

    [Fact]
    public async Task TheProgramsOwnAssemblyIsUsedBeforeThePackages()
    {
        const string Fake = "namespace Markdig; public static class Markdown { public static int Fake => 1; }";
        _feed.Add("Made.Other", "1.0.0", Fake, assembly: "Markdig");
        _feed.Add("Made.Another", "1.0.0", Fake, assembly: "Markdig");
        using var session = NewSession();
        Assert.Equal(
            "display: restoring Made.Other\nupdate: loaded Made.Other 1.0.0; the kernel's own Markdig is used\nresult: <p>a</p>",
            (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Other\"\nMarkdig.Markdown.ToHtml(\"a\").Trim()")).Text);
        Assert.Equal("display: restoring Made.Another\nupdate: loaded Made.Another 1.0.0", (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Another\"")).Text);
    }

    [Theory]
    [InlineData("nuget: Made.Nothing", "cannot load Made.Nothing: NU1101: Unable to find package Made.Nothing.")]
    [InlineData("nuget: Made.Base, 7.0.0", "cannot load Made.Base 7.0.0: NU1102: Unable to find package Made.Base with version (>= 7.0.0)")]
    [InlineData("nuget: Made.Base, 1.0.5", "cannot load Made.Base 1.0.5: there is no version 1.0.5; the next is 1.1.0")]
    [InlineData("nuget: Made Base", "cannot read 'nuget: Made Base': expected \"nuget: Id\" or \"nuget: Id, Version\"")]
    public async Task WhatCannotBeLoadedIsSaidWithNuGetsWords(string asked, string expected)
    {
        using var session = NewSession();
        var error = (await RecordedCell.RunAsync(session, $"1.ToString();\n#!legion help\n #r \"{asked}\"\nConsole.WriteLine(\"never\");")).Result.Error!;
        Assert.Equal("DirectiveError", error.Name);
        Assert.StartsWith(expected, error.Message);
        Assert.Equal((3, 5), (error.Line, error.Column));
        Assert.Equal([$" #r \"{asked}\"", "    ^"], error.Traceback.Skip(1));
    }

    [Fact]
    public async Task AnInterruptEndsTheRestore()
    {
        using var session = NewSession();
        using var interrupt = new CancellationTokenSource();
        var ran = await RecordedCell.RunAsync(session, "#r \"nuget: Made.Base\"", _ => interrupt.CancelAsync(), interrupt.Token);
        Assert.Equal("Interrupted", ran.Result.Error?.Name);
        Assert.EndsWith("result: base 1.1", (await RecordedCell.RunAsync(session, "#r \"nuget: Made.Base\"\nMade.Base.Name")).Text);
    }

    Session NewSession() => new(new Magics(), new() { Working = _folder.FullName, PackageCache = Path.Combine(_folder.FullName, "restored") });
}
