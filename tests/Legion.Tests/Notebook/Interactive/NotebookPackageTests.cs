using System.IO.Compression;
using System.Xml.Linq;
using Legion.Tests.Format;
using Legion.Tests.Sdk;

namespace Legion.Tests.Notebook.Interactive;

/// <summary>The package that notebooks of .NET Interactive load.</summary>
public sealed class NotebookPackageTests(PackedSdk packed) : IClassFixture<PackedSdk>
{
    [Fact]
    public async Task ItHoldsTheExtensionAndTheAssembliesThatHaveNoPackage()
    {
        using var package = await ZipFile.OpenReadAsync(await packed.NotebookPackageAsync(), TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                "Legion.Notebook.nuspec", "README.md", "interactive-extensions/dotnet/extension.dib",
                "lib/net10.0/Legion.Lakehouse.dll", "lib/net10.0/Legion.Notebook.dll", "lib/net10.0/Legion.Notebook.xml", "lib/net10.0/Legion.Store.dll",
            ],
            package.Entries.Select(entry => entry.FullName)
                .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
                .Order(StringComparer.Ordinal));
        using var extension = new StreamReader(await package.GetEntry("interactive-extensions/dotnet/extension.dib")!.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(await File.ReadAllTextAsync(OutlinedHost.ExtensionFile, TestContext.Current.CancellationToken), await extension.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>By hand, as no tool lists what assemblies need that travel with another's package.</summary>
    [Fact]
    public async Task ItNamesWhatItsProjectsReference()
    {
        using var package = await ZipFile.OpenReadAsync(await packed.NotebookPackageAsync(), TestContext.Current.CancellationToken);
        var description = XDocument.Load(await package.GetEntry("Legion.Notebook.nuspec")!.OpenAsync(TestContext.Current.CancellationToken));
        var dependencies = description.Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => (string)element.Attribute("id")!, element => (string)element.Attribute("version")!);
        var versions = Items("Directory.Packages.props", "PackageVersion").ToDictionary(item => (string)item.Attribute("Include")!, item => (string)item.Attribute("Version")!);
        var referenced = new[] { "interactive-extension/Legion.Notebook", "lakehouse/Legion.Lakehouse", "lakehouse/Legion.Store" }
            .SelectMany(folder => Items(Path.Combine(folder, Path.GetFileName(folder) + ".csproj"), "PackageReference"))
            .Where(item => (string?)item.Attribute("PrivateAssets") != "all").Select(item => (string)item.Attribute("Include")!);
        Assert.Equal(referenced.Append("Legion.Sdk").Order(StringComparer.Ordinal), dependencies.Keys.Order(StringComparer.Ordinal));
        Assert.All(dependencies, dependency => Assert.Equal(versions.GetValueOrDefault(dependency.Key) ?? dependencies["Legion.Sdk"], dependency.Value));
        Assert.Equal((string)description.Descendants().Single(element => element.Name.LocalName == "version")!, dependencies["Legion.Sdk"]);
    }

    static IEnumerable<XElement> Items(string file, string name) => XDocument.Load(Path.Combine(RepositoryTree.Root, file)).Descendants(name);
}
