using Legion.Cli;
using Legion.Store;
using Legion.Tests.Format;
using YamlDotNet.RepresentationModel;

namespace Legion.Tests.Deploy;

/// <summary>What the deployment's files start is what the program understands. Their form is held against schemas in <c>tests/deploy</c>.</summary>
public sealed class DeploymentTests
{
    static readonly string folder = Path.Combine(RepositoryTree.Root, "ingestion", "deploy");

    static readonly string[] knownVariables = [LakeLocation.Variable, LakeLocation.CatalogVariable];

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Arguments_of_containers_parse(string file)
    {
        foreach (var arguments in NodesIn(file).Where(IsOurs).SelectMany(Arguments))
            Assert.Empty(CommandLine.Parse(arguments).Errors.Select(error => $"{string.Join(' ', arguments)}: {error.Message}"));
    }

    [Fact]
    public void Nodes_of_both_roles_are_started()
    {
        var started = Files.SelectMany(file => NodesIn(file.Data)).Where(IsOurs).SelectMany(Arguments).Select(arguments => string.Join(' ', arguments.Take(3))).ToArray();
        Assert.Equal(2, started.Count(command => command == "serve --role ingestion")); // the second of Compose merges the first
        Assert.Equal(2, started.Count(command => command == "serve --role viewer"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Settings_are_variables_that_the_program_reads(string file)
    {
        var names = NodesIn(file).SelectMany(node => node.Children.Keys).OfType<YamlScalarNode>().Select(name => name.Value!).Where(name => name.StartsWith("LEGION_", StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => !knownVariables.Contains(name));
    }

    /// <summary>A container of this project's image: of Kubernetes or of Compose.</summary>
    static bool IsOurs(YamlMappingNode node) => Text(node, "image") == "legion" || node.Children.ContainsKey("<<");

    static IEnumerable<string[]> Arguments(YamlMappingNode node) => new[] { "args", "command" }
        .Where(name => node.Children.ContainsKey(name))
        .Select(name => ((YamlSequenceNode)node[name]).Select(argument => ((YamlScalarNode)argument).Value!).ToArray());

    static string? Text(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var value) ? (value as YamlScalarNode)?.Value : null;

    static YamlMappingNode[] NodesIn(string file)
    {
        using var reader = File.OpenText(Path.Combine(folder, file));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.SelectMany(document => document.AllNodes).OfType<YamlMappingNode>().Distinct()];
    }
}
