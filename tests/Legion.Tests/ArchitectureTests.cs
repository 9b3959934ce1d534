using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Legion.Tests.Format;

namespace Legion.Tests;

/// <summary>Who may know whom, asserted over project files, sources and compiled names.</summary>
public partial class ArchitectureTests
{
    /// <summary>The projects each project names directly. A project that is not listed here may not exist.</summary>
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Legion.Format"] = [],
        ["Legion.Sdk"] = ["Legion.Format"],
        ["Legion.Sdk.Generators"] = [],
        ["Legion.Sdk.Hosting"] = ["Legion.Sdk"],
        ["Legion.Store"] = ["Legion.Format"],
        ["Legion.Lakehouse"] = ["Legion.Store", "Legion.Format", "Legion.Sdk"],
        ["Legion.Ingestion"] = ["Legion.Store", "Legion.Format", "Legion.Sdk", "Legion.Sdk.Hosting"],
        ["Legion.Notebook"] = ["Legion.Lakehouse", "Legion.Store", "Legion.Format"],
        ["Legion.Viewer"] = ["Legion.Lakehouse", "Legion.Store", "Legion.Format", "Legion.Sdk", "Legion.Sdk.Hosting"],
        ["Legion.Kernel"] = ["Legion.Notebook"],
        ["Legion.Cli"] = ["Legion.Ingestion", "Legion.Viewer", "Legion.Kernel", "Legion.Notebook", "Legion.Lakehouse", "Legion.Store", "Legion.Format", "Legion.Sdk", "Legion.Sdk.Hosting", "Legion.Sdk.Generators"],
    };

    static readonly Dictionary<string, Project> Projects = Directory
        .EnumerateFiles(RepositoryTree.Root, "*.csproj", SearchOption.AllDirectories)
        .Where(path => !IsBuilt(path))
        .Select(path => new Project(path, XDocument.Load(path)))
        .ToDictionary(project => project.Name);

    static IEnumerable<Project> Product => Projects.Values.Where(project => !project.Folder.StartsWith("tests", StringComparison.Ordinal) && !project.Folder.Contains("samples"));

    [Fact]
    public void ProjectsKnowOnlyThoseBelowThem()
    {
        foreach (var project in Product)
        {
            Assert.True(Allowed.TryGetValue(project.Name, out var allowed), $"{project.Name} has no place in the architecture");
            Assert.True(project.References.All(allowed.Contains), $"{project.Name} may know {string.Join(", ", allowed)}, and references {string.Join(", ", project.References)}");
        }
    }

    [Fact]
    public void SamplesKnowOnlyTheSdk()
    {
        foreach (var sample in Projects.Values.Where(project => project.Folder.Contains("samples")))
            Assert.All(sample.References, reference => Assert.StartsWith("Legion.Sdk", reference));
    }

    [Fact]
    public void FormatKnowsNothingButLz4()
    {
        Assert.Equal(["K4os.Compression.LZ4"], Projects["Legion.Format"].Packages);
        Assert.All(References("Legion.Format"), name => Assert.True(name.StartsWith("System", StringComparison.Ordinal) || name is "K4os.Compression.LZ4", name));
    }

    [Theory]
    [InlineData("Legion.Sdk")]
    [InlineData("Legion.Store")]
    [InlineData("Legion.Ingestion")]
    public void NoQueryEngineIsInTheClosureOf(string project) =>
        Assert.DoesNotContain(Closure(project).SelectMany(name => Projects[name].Packages), package => package.StartsWith("DuckDB", StringComparison.Ordinal) || package.StartsWith("Parquet", StringComparison.Ordinal));

    [Fact]
    public void SdkKnowsNothingOfStorage() => Assert.DoesNotContain(Closure("Legion.Sdk"), name => name is "Legion.Store" or "Legion.Lakehouse");

    [Fact]
    public void QueryEngineIsNamedInItsFolderAlone() =>
        AssertNamedOnly(@"\bDuckDB\.NET\b|\bDuckDB(Connection|Command|DataReader|Appender|Exception|Parameter)\b", path => path.StartsWith("lakehouse/Legion.Lakehouse/Sql/", StringComparison.Ordinal));

    [Fact]
    public void ParquetLibraryIsNamedInItsWriterAlone() =>
        AssertNamedOnly(@"\bParquetSharp\b", path => path.StartsWith("lakehouse/Legion.Lakehouse/", StringComparison.Ordinal) && Path.GetFileName(path).Contains("Parquet"));

    [Fact]
    public void TheClientOfS3IsNamedInItsStoreAlone() =>
        AssertNamedOnly(@"\busing Amazon\b", path => path is "lakehouse/Legion.Store/Objects/S3ObjectStore.cs");

    [Fact]
    public void NotebookKnowsNoKernel()
    {
        Assert.DoesNotContain(Projects["Legion.Notebook"].Packages, package => package is "Microsoft.DotNet.Interactive" or "Microsoft.DotNet.Interactive.CSharp" or "NetMQ");
        Assert.DoesNotContain(References("Legion.Notebook"), name => name is "Legion.Kernel" or "Microsoft.DotNet.Interactive" or "NetMQ");
        AssertNamedOnly(@"\bLegion\.Kernel\b|\bKernelInvocationContext\b", path => !path.StartsWith("interactive-extension/Legion.Notebook/", StringComparison.Ordinal));
    }

    [Fact]
    public void NotebookBringsNoFSharp()
    {
        var packages = RestoredPackages("Legion.Notebook");
        Assert.Contains("DuckDB.NET.Data.Full", packages);
        Assert.DoesNotContain("FSharp.Core", packages);
    }

    [Fact]
    public void TypesAreNamedForWhatTheyAre()
    {
        var named = Product.SelectMany(project => Load(project.Name).GetTypes())
            .Where(type => type.FullName!.StartsWith("Legion.", StringComparison.Ordinal) && !type.Name.StartsWith('<'))
            .Where(type => EmptyName().IsMatch(type.Name));
        Assert.Empty(named);
    }

    [Fact]
    public void TypesLieInTheNamespaceOfTheirProject()
    {
        foreach (var project in Product)
            foreach (var type in Load(project.Name).GetTypes().Where(type => type is { IsPublic: true, Namespace: not null }))
                Assert.StartsWith(project.Name, type.Namespace);
    }

    [Fact]
    public void TheRepositoryNamesNoMachine()
    {
        // Written in parts, or this file would name them itself.
        var paths = new Regex("(?<![A-Za-z0-9.])(/" + "work/|/" + "root/|/" + "home/[a-z]+/|C:" + @"\\Users\\)");
        Assert.All(Sources("cs", "md", "csproj", "props", "json", "ts", "svelte", "py", "ipynb", "sh", "yml", "dib", "sln"),
            source => Assert.False(paths.Match(source.Text) is { Success: true } match, $"{source.Path} names {paths.Match(source.Text).Value}"));
    }

    /// <summary>Asserts that no file of C# but those allowed matches.</summary>
    static void AssertNamedOnly(string pattern, Func<string, bool> isAllowed)
    {
        var regex = new Regex(pattern);
        Assert.Empty(Sources("cs").Where(source => !source.Path.StartsWith("tests/", StringComparison.Ordinal) && !isAllowed(source.Path) && regex.IsMatch(source.Text)).Select(source => source.Path));
    }

    static IEnumerable<(string Path, string Text)> Sources(params string[] extensions) =>
        from extension in extensions
        from path in Directory.EnumerateFiles(RepositoryTree.Root, "*." + extension, SearchOption.AllDirectories)
        where !IsBuilt(path)
        select (Path.GetRelativePath(RepositoryTree.Root, path).Replace('\\', '/'), File.ReadAllText(path));

    static bool IsBuilt(string path) =>
        Path.GetRelativePath(RepositoryTree.Root, path).Split('/', '\\').Any(part => part is "artifacts" or "node_modules" or "obj" or "bin" or "dist" or ".git" or "out");

    /// <summary>The project and all that it references, directly or not.</summary>
    static HashSet<string> Closure(string project)
    {
        var closure = new HashSet<string> { project };
        foreach (var reference in Projects[project].References) closure.UnionWith(Closure(reference));
        return closure;
    }

    static string[] RestoredPackages(string project)
    {
        var assets = File.ReadAllText(Path.Combine(RepositoryTree.Root, "artifacts", "obj", project, "project.assets.json"));
        using var json = System.Text.Json.JsonDocument.Parse(assets);
        return [.. json.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0])];
    }

    static IEnumerable<string> References(string assembly) => Load(assembly).GetReferencedAssemblies().Select(name => name.Name!);

    static Assembly Load(string name) => Assembly.LoadFrom(Path.Combine(RepositoryTree.Root, "artifacts", "bin", name, Configuration, name + ".dll"));

    static string Configuration { get; } = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    [GeneratedRegex(@"(Manager|Helper|Helpers|Service|Impl|Handler|Processor)$|Util")]
    private static partial Regex EmptyName();

    sealed record Project(string Path, XDocument Xml)
    {
        public string Name { get; } = System.IO.Path.GetFileNameWithoutExtension(Path);
        public string Folder { get; } = System.IO.Path.GetRelativePath(RepositoryTree.Root, Path).Replace('\\', '/');
        public string[] References { get; } = [.. Includes(Xml, "ProjectReference").Select(include => System.IO.Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))];
        public string[] Packages { get; } = [.. Includes(Xml, "PackageReference")];

        static IEnumerable<string> Includes(XDocument xml, string element) => xml.Descendants(element).Select(item => (string)item.Attribute("Include")!);
    }
}
