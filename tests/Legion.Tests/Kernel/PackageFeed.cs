using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Legion.Tests.Kernel;

/// <summary>A folder with packages that were made for a test, and a NuGet configuration that knows no other source and no other cache.</summary>
sealed class PackageFeed
{
    readonly string _packages;

    /// <param name="folder">Gets the configuration.</param>
    public PackageFeed(string folder)
    {
        _packages = Directory.CreateDirectory(Path.Combine(folder, "feed")).FullName;
        File.WriteAllText(Path.Combine(folder, "nuget.config"), """
            <configuration>
              <config><add key="globalPackagesFolder" value="cache" /></config>
              <packageSources><clear /><add key="made" value="feed" /></packageSources>
              <packageSourceMapping><clear /></packageSourceMapping>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>A package with one assembly of its name.</summary>
    /// <param name="assembly">Another name for the assembly.</param>
    /// <param name="native">A library's file and the name without ending that it gets.</param>
    public void Add(string id, string version, string code, string? assembly = null, (string Id, string Version)? dependency = null, (string File, string Name)? native = null)
    {
        using var archive = ZipFile.Open(Path.Combine(_packages, $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using (var nuspec = archive.CreateEntry($"{id}.nuspec").Open())
            new XElement("package", new XElement("metadata",
                new XElement("id", id),
                new XElement("version", version),
                new XElement("authors", "tests"),
                new XElement("description", "made for a test"),
                new XElement("dependencies", new XElement("group", new XAttribute("targetFramework", "net10.0"),
                    dependency is var (otherId, otherVersion) ? new XElement("dependency", new XAttribute("id", otherId), new XAttribute("version", otherVersion)) : null)))).Save(nuspec);

        var name = assembly ?? id;
        using var image = new MemoryStream();
        using var documentation = new MemoryStream();
        Emit(name, code, image, documentation);
        File.WriteAllBytes(AssemblyFile(name, version), image.ToArray());
        Write($"lib/net10.0/{name}.dll", image);
        Write($"lib/net10.0/{name}.xml", documentation);
        if (native is var (file, nativeName))
            archive.CreateEntryFromFile(file, $"runtimes/{RuntimeInformation.RuntimeIdentifier}/native/{NativeName(nativeName)}");

        void Write(string entry, MemoryStream content)
        {
            using var stream = archive.CreateEntry(entry).Open();
            content.WriteTo(stream);
        }
    }

    /// <summary>The assembly of a package that was made, beside the feed.</summary>
    public string AssemblyFile(string name, string version) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_packages)!, "built", version)).FullName, $"{name}.dll");

    /// <summary>Nobody can restore from it any more.</summary>
    public void Close() => Directory.Delete(_packages, recursive: true);

    static string NativeName(string name) => OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    void Emit(string name, string code, Stream image, Stream documentation)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Concat(Directory.EnumerateFiles(Path.GetDirectoryName(_packages)!, "*.dll", SearchOption.AllDirectories).Where(path => path.Contains("built") && Path.GetFileNameWithoutExtension(path) != name))
            .DistinctBy(Path.GetFileName)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compiled = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(documentationMode: DocumentationMode.Diagnose), cancellationToken: TestContext.Current.CancellationToken)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(image, xmlDocumentationStream: documentation, options: new EmitOptions(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(compiled.Success, string.Join('\n', compiled.Diagnostics));
    }
}
