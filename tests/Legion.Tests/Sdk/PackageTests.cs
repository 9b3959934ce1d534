using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Legion.Format;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>What users get: the package, a program built from it, and one compiled to machine code.</summary>
public sealed class PackageTests(PackedSdk sdk) : IClassFixture<PackedSdk>
{
    [Fact]
    public async Task The_package_holds_the_sdk_its_format_machine_code_and_the_generator()
    {
        using var package = await ZipFile.OpenReadAsync(await sdk.PackageAsync(), TestContext.Current.CancellationToken);
        var files = package.Entries.Select(entry => entry.FullName).Where(name => !name.StartsWith("_rels/") && !name.StartsWith("package/") && name != "[Content_Types].xml");
        Assert.Equal(
            [
                "Legion.Sdk.nuspec", "README.md", "analyzers/dotnet/cs/Legion.Sdk.Generators.dll", "build/Legion.Sdk.props", "buildTransitive/Legion.Sdk.props",
                "lib/net10.0/Legion.Format.dll", "lib/net10.0/Legion.Sdk.dll",
                $"runtimes/{PackedSdk.Platform}/lib/net10.0/Legion.Format.dll", $"runtimes/{PackedSdk.Platform}/lib/net10.0/Legion.Sdk.dll",
            ],
            files.Order(StringComparer.Ordinal));
        Assert.All(package.Entries.Where(entry => entry.Name is "Legion.Sdk.dll" or "Legion.Format.dll"), assembly =>
        {
            using var bytes = new MemoryStream();
            using (var packed = assembly.Open()) packed.CopyTo(bytes);
            bytes.Position = 0;
            Assert.True(HasMachineCode(bytes) == assembly.FullName.StartsWith("runtimes/"), assembly.FullName);
        });
        var description = XDocument.Load(await package.GetEntry("Legion.Sdk.nuspec")!.OpenAsync(TestContext.Current.CancellationToken));
        var dependency = Assert.Single(description.Descendants(), element => element.Name.LocalName == "dependency");
        Assert.Equal("K4os.Compression.LZ4", (string)dependency.Attribute("id")!);
    }

    [Fact]
    public async Task The_package_for_hosts_comes_with_the_sdk()
    {
        using var package = await ZipFile.OpenReadAsync(await sdk.HostingPackageAsync(), TestContext.Current.CancellationToken);
        Assert.NotNull(package.GetEntry("lib/net10.0/Legion.Sdk.Hosting.dll"));
        Assert.NotNull(package.GetEntry("README.md"));
        var description = XDocument.Load(await package.GetEntry("Legion.Sdk.Hosting.nuspec")!.OpenAsync(TestContext.Current.CancellationToken));
        var dependencies = description.Descendants().Where(element => element.Name.LocalName == "dependency").ToDictionary(element => (string)element.Attribute("id")!);
        Assert.Equal((string)description.Descendants().Single(element => element.Name.LocalName == "version")!, (string)dependencies["Legion.Sdk"].Attribute("version")!);
        // With the generator, which comes with it.
        Assert.Null(dependencies["Legion.Sdk"].Attribute("exclude"));
        Assert.DoesNotContain("Legion.Format", dependencies.Keys);
    }

    [Fact]
    public async Task A_program_built_from_the_package_records()
    {
        Check(await sdk.RecordAsync("built", "build"));
        using var assembly = File.OpenRead(Path.Combine(sdk.OutputOf("built"), "Legion.Sdk.dll"));
        Assert.True(HasMachineCode(assembly), "the program got the assembly without machine code");
    }

    [Fact]
    public async Task A_program_compiled_to_machine_code_records()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder =>
            File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc"))), "no clang or gcc is there to link with");
        Check(await sdk.RecordAsync("native", "publish", new XElement("PublishAot", true), new XElement("InvariantGlobalization", true)));
    }

    static void Check(List<DecodedStream> streams)
    {
        var trace = streams.Single(stream => stream.Record.Class == StreamClass.Trace);
        Assert.Equal(["frame", "render"], trace.Spans.Select(span => span.Name));
        Assert.Equal("Consumer.Program", Assert.IsType<Site>(trace.Events[0]["site"]).Target);

        var log = streams.Single(stream => stream.Record.Class == StreamClass.Log);
        Assert.Equal(4, log.Events.Count);
        Assert.Equal("spawned {i} of {Kind.Second} at {x:F2}", ((Template)log.Events[2]["template"]!).Text);
        Assert.Equal(new object?[] { 2L, "Second", 1.5 }, (object?[])log.Events[2]["arguments"]!);
        Assert.Equal("text", ((Template)log.Events[3]["template"]!).Text);

        var metric = Assert.Single(streams.Single(stream => stream.Record.Class == StreamClass.Metric).Events);
        Assert.Equal((600.0, "count"), (metric["value"], metric["unit"]));

        var events = streams.Where(stream => stream.Record.Class == StreamClass.Other).ToDictionary(stream => stream.Record.Name, stream => Assert.Single(stream.Events));
        Assert.Equal((7L, 1L, "seven"), (events["Stats"]["Number"], events["Stats"]["Kind"], events["Stats"]["Text"]));
        Assert.Equal((1.5, 1L, "hidden"), (events["Hidden"]["Value"], events["Hidden"]["Kind"], events["Hidden"]["Text"]));
    }

    static bool HasMachineCode(Stream assembly)
    {
        using var reader = new PEReader(assembly);
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
