extern alias outline;

using Legion.Tests.Format;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;
using outline::Microsoft.DotNet.Interactive;
using outline::Microsoft.DotNet.Interactive.Commands;
using outline::Microsoft.DotNet.Interactive.CSharp;
using outline::Microsoft.DotNet.Interactive.Events;

namespace Legion.Tests.Notebook.Interactive;

/// <summary>The outline of .NET Interactive with the extension loaded: its script is compiled against nothing else of that name, and runs.</summary>
sealed class OutlinedHost
{
    OutlinedHost()
    {
        CSharp = new CSharpKernel(ScriptOptions.Default
            .WithReferences(((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                // The real formatting library, which our own kernel brings.
                .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.DotNet.Interactive.", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)))
            .WithImports("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading.Tasks"));
        Root.Add(CSharp);
    }

    /// <summary>The script that the package holds.</summary>
    public static string ExtensionFile { get; } = Path.Combine(RepositoryTree.Root, "interactive-extension", "Legion.Notebook", "extension.dib");

    public CompositeKernel Root { get; } = new();

    public CSharpKernel CSharp { get; }

    public static async Task<OutlinedHost> CreateAsync()
    {
        var host = new OutlinedHost();
        await host.LoadAsync();
        return host;
    }

    public async Task LoadAsync()
    {
        var text = await File.ReadAllTextAsync(ExtensionFile, TestContext.Current.CancellationToken);
        Assert.StartsWith("#!csharp\n", text);
        Assert.Null((await Root.SendAsync(new SubmitCode(text))).Failure);
    }

    /// <summary>Runs a cell that is to succeed.</summary>
    /// <returns>What it showed, each in its forms.</returns>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RunAsync(string cell, string? kernel = null)
    {
        var context = await Root.SendAsync(new SubmitCode(cell, kernel));
        Assert.Null(context.Failure);
        return [.. context.Displayed.Where(shown => !IsEmptied(shown.FormattedValues.Select(form => form.Value))).Select(shown => shown.FormattedValues.ToDictionary(form => form.MimeType, form => form.Value))];
    }

    /// <summary>What is left of a line that reported progress, where a machine is slow enough for one.</summary>
    public static bool IsEmptied(IEnumerable<string> forms) => forms.All(form => form.Length == 0);

    /// <summary>Runs a cell that is to fail.</summary>
    /// <returns>The text of the error.</returns>
    public async Task<string> FailAsync(string cell) => (await Root.SendAsync(new SubmitCode(cell))).Failure ?? throw new InvalidOperationException($"the cell succeeded: {cell}");

    /// <param name="cell">With a bar where the cursor stands.</param>
    /// <returns>The offers, and the range of the cursor's line that they replace.</returns>
    public async Task<(IReadOnlyList<string> Texts, int Start, int End)> CompleteAsync(string cell)
    {
        var context = await AskAsync(cell, static (code, position) => new RequestCompletions(code, position));
        var found = Assert.IsType<CompletionsProduced>(Assert.Single(context.Events));
        return ([.. found.Completions.Select(item => item.InsertText)], found.LinePositionSpan!.Start.Character, found.LinePositionSpan.End.Character);
    }

    /// <param name="cell">With a bar where the cursor stands.</param>
    public async Task<string> HoverAsync(string cell)
    {
        var context = await AskAsync(cell, static (code, position) => new RequestHoverText(code, position));
        return Assert.Single(Assert.IsType<HoverTextProduced>(Assert.Single(context.Events)).Content).Value;
    }

    Task<KernelInvocationContext> AskAsync(string cell, Func<string, LinePosition, LanguageServiceCommand> ask)
    {
        var before = cell[..cell.IndexOf('|')].Split('\n');
        return Root.AskAsync(cell.Remove(cell.IndexOf('|'), 1), new LinePosition(before.Length - 1, before[^1].Length), ask);
    }
}
