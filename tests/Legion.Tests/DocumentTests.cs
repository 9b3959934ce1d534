using System.Text.RegularExpressions;
using Legion.Tests.Format;

namespace Legion.Tests;

/// <summary>What the documents say is there.</summary>
public sealed partial class DocumentTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("sdk/Legion.Format/FORMAT.md")]
    [InlineData("lakehouse/Legion.Lakehouse/SCHEMA.md")]
    public void Names_files_that_exist(string document)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryTree.Root, document));
        var folder = Path.GetDirectoryName(Path.Combine(RepositoryTree.Root, document))!;
        var linked = Link().Matches(text).Select(match => Path.Combine(folder, match.Groups[1].Value));
        var quoted = QuotedPath().Matches(text).Select(match => Path.Combine(RepositoryTree.Root, match.Groups[1].Value));
        Assert.DoesNotContain(linked.Concat(quoted), path => !File.Exists(path) && !Directory.Exists(path));
    }

    [Fact]
    public void README_orients_in_at_most_150_lines() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(RepositoryTree.Root, "README.md")).Length, 1, 150);

    /// <summary>Each command of the README is one that the program knows, with options that it knows.</summary>
    [Fact]
    public async Task README_commands_parse()
    {
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(RepositoryTree.Root, "README.md"), TestContext.Current.CancellationToken))
            .Select(match => match.Groups[1].Value.Trim()).Where(command => command.Length > 0).Distinct().ToArray();
        Assert.NotEmpty(commands);
        Assert.DoesNotContain(commands, command => Legion.Cli.CommandLine.Parse(Words().Matches(command).Select(word => word.Value.Trim('"')).ToArray()).Errors.Count > 0);
    }

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:sdk|ingestion|lakehouse|interactive-extension|web-viewer|cli|tests|notebooks)(?:/[\w.\-]+)*/?)`")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"\./legion ([^`\n#;]*)")]
    private static partial Regex Command();

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Words();
}
