using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Format;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>The packages, made when first asked for and for this platform alone, and a folder in which programs are built from the SDK's.</summary>
public sealed class PackedSdk : IAsyncDisposable
{
    const string Consumer = """
        using Legion.Format;
        using Legion.Sdk;

        namespace Consumer;

        enum Kind { First, Second }

        struct Stats
        {
            public int Number;
            public Kind Kind;
            public string Text;
        }

        static class Program
        {
            struct Hidden
            {
                public double Value;
                public Kind Kind;
                public string Text { get; set; }
            }

            static void Main(string[] args)
            {
                using var recording = Telemetry.Start(new TelemetryOptions { File = args[0], SelfLog = System.Console.Error.WriteLine });
                using (var frame = Telemetry.Span("frame", [new("number", 1)])) frame.Next("render");
                var x = 1.5;
                for (var i = 0; i < 3; i++) Telemetry.Log(Level.Info, $"spawned {i} of {Kind.Second} at {x:F2}");
                Telemetry.Log(Level.Warn, "text");
                Telemetry.Metric("entities", 600, Unit.Count);
                Telemetry.Emit(new Stats { Number = 7, Kind = Kind.Second, Text = "seven" });
                Telemetry.Emit(new Hidden { Value = 1.5, Kind = Kind.Second, Text = "hidden" });
            }
        }
        """;

    static readonly string version = typeof(Telemetry).Assembly.GetName().Version!.ToString(3);

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-package-");
    readonly Lazy<Task<string>> package, hosting, notebook;

    public PackedSdk() => (package, hosting, notebook) =
        (new(PackAsync), new(() => PackBuiltAsync("sdk", "Legion.Sdk.Hosting")), new(() => PackBuiltAsync("interactive-extension", "Legion.Notebook")));

    /// <summary>This platform, as packages name it.</summary>
    public static string Platform { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>The package's file.</summary>
    public Task<string> PackageAsync() => package.Value;

    /// <summary>The file of the package for hosts.</summary>
    public Task<string> HostingPackageAsync() => hosting.Value;

    /// <summary>The file of the package for notebooks. What it needs of the SDK's is in the same folder once that was asked for.</summary>
    public Task<string> NotebookPackageAsync() => notebook.Value;

    /// <summary>Builds a program that knows the SDK from its package alone, runs it, and reads what it recorded.</summary>
    /// <param name="command">The verb of <c>dotnet</c> that builds it.</param>
    /// <param name="properties">Of its project.</param>
    internal async Task<List<DecodedStream>> RecordAsync(string name, string command, params XElement[] properties)
    {
        await PackageAsync();
        var project = folder.CreateSubdirectory(name);
        await File.WriteAllTextAsync(Path.Combine(project.FullName, "Program.cs"), Consumer, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(project.FullName, "Consumer.csproj"), new XElement("Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup",
                new XElement("OutputType", "Exe"),
                new XElement("TargetFramework", "net10.0"),
                new XElement("TreatWarningsAsErrors", true),
                // The package is unpacked here and not where other builds would find it; what it depends on is there already.
                new XElement("RestorePackagesPath", Path.Combine(project.FullName, "packages")),
                new XElement("RestoreFallbackFolders", GlobalPackages),
                new XElement("RestoreAdditionalProjectSources", folder.FullName),
                properties),
            new XElement("ItemGroup", new XElement("PackageReference", new XAttribute("Include", "Legion.Sdk"), new XAttribute("Version", version)))).ToString(),
            TestContext.Current.CancellationToken);
        await DotnetAsync(project.FullName, command, "--configuration", "Release", "--output", OutputOf(name), "--use-current-runtime");
        var recorded = Path.Combine(project.FullName, "run.legion");
        await RunAsync(Path.Combine(OutputOf(name), "Consumer"), project.FullName, recorded);
        return Read(await File.ReadAllBytesAsync(recorded, TestContext.Current.CancellationToken));
    }

    /// <summary>Where a program lies that was built.</summary>
    public string OutputOf(string name) => Path.Combine(folder.FullName, name, "out");

    public ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        return default;
    }

    /// <summary>Where packages lie unpacked that builds on this machine use.</summary>
    public static string GlobalPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    async Task<string> PackAsync()
    {
        await DotnetAsync(
            RepositoryTree.Root, "pack", Path.Combine("sdk", "Legion.Sdk"), "--configuration", "Release", "--output", folder.FullName,
            $"-p:ArtifactsPath={Path.Combine(folder.FullName, "artifacts")}", $"-p:PackagePlatforms={Platform}");
        return Path.Combine(folder.FullName, $"Legion.Sdk.{version}.nupkg");
    }

    /// <summary>Of what is built already: nothing of it is compiled for packages alone.</summary>
    async Task<string> PackBuiltAsync(string parent, string project)
    {
        await DotnetAsync(RepositoryTree.Root, "pack", Path.Combine(parent, project), "--configuration", Configuration, "--no-build", "--output", folder.FullName);
        return Path.Combine(folder.FullName, $"{project}.{version}.nupkg");
    }

    /// <summary>Of this test's own build.</summary>
    static string Configuration => Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>No process that outlives the build, and no warning.</summary>
    static Task DotnetAsync(string folder, params string[] arguments) =>
        RunAsync("dotnet", folder, [.. arguments, "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-warnaserror"]);

    static async Task RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What a test runner tells its own build is not for this one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await error}");
    }

    static List<DecodedStream> Read(ReadOnlyMemory<byte> file)
    {
        var schemas = new Dictionary<SchemaHash, Schema>();
        var streams = new Dictionary<Guid, StreamRecord>();
        var blocks = new List<(Guid Stream, byte[] Bytes)>();
        for (var at = 0; at < file.Length;)
        {
            var bytes = (int)Batch.TotalBytes(file.Span.Slice(at, Batch.PrefixBytes));
            foreach (var item in Batch.Read(file.Slice(at, bytes)))
            {
                switch (item.Kind)
                {
                    case BatchItemKind.Schema when Schema.Read(item.Bytes.Span) is var schema: schemas[schema.Hash] = schema; break;
                    case BatchItemKind.Stream when StreamRecord.Read(item.Bytes.Span) is var stream: streams[stream.StreamId] = stream; break;
                    case BatchItemKind.Block: blocks.Add((Block.Read(item.Bytes.Span).Header.StreamId, item.Bytes.ToArray())); break;
                }
            }
            at += bytes;
        }
        return [.. streams.Values.Select(stream => DecodedStream.Of(stream, blocks.Where(block => block.Stream == stream.StreamId).Select(block => block.Bytes), schemas))];
    }
}
