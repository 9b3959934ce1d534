using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Text;

namespace Legion.Kernel.Cells;

/// <summary>What could stand at a place of a cell.</summary>
/// <param name="Start">Index of the first character that a match replaces.</param>
/// <param name="End">Index after the last one.</param>
public sealed record CellCompletions(IReadOnlyList<string> Matches, int Start, int End);

/// <summary>The compiler's view of the session for completion and hover: one project a cell, each on top of the one before.</summary>
sealed class CellWorkspace(ScriptChain chain) : IDisposable
{
    // More than anybody reads; the front end asks again after the next letter.
    const int MostMatches = 300;

    readonly AdhocWorkspace _workspace = new(MefHostServices.Create(MefHostServices.DefaultAssemblies));
    readonly List<ProjectId> _cells = [];

    public async Task<CellCompletions> CompleteAsync(string code, int cursor, CancellationToken cancel)
    {
        var document = Open(code);
        var service = CompletionService.GetService(document) ?? throw new InvalidOperationException("found no completion for C#");
        var list = await service.GetCompletionsAsync(document, cursor, cancellationToken: cancel).ConfigureAwait(false);
        if (list.ItemsList.Count == 0)
            return new([], cursor, cursor);
        var typed = code[Math.Min(list.Span.Start, cursor)..cursor];
        var matches = list.ItemsList
            .Where(item => item.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(item => item.DisplayText)
            .Distinct()
            .OrderBy(text => !text.StartsWith(typed, StringComparison.Ordinal))
            .ThenBy(text => text, StringComparer.OrdinalIgnoreCase)
            .Take(MostMatches);
        return new(matches.ToList(), list.Span.Start, Math.Max(cursor, list.Span.End));
    }

    /// <summary>Type and documentation of what stands at the cursor; null where nothing is known.</summary>
    public async Task<string?> InspectAsync(string code, int cursor, CancellationToken cancel)
    {
        var document = Open(code);
        var service = QuickInfoService.GetService(document) ?? throw new InvalidOperationException("found no quick info for C#");
        var info = await service.GetQuickInfoAsync(document, cursor, cancel).ConfigureAwait(false);
        return info is null ? null : string.Join('\n', info.Sections.Select(section => section.Text));
    }

    public void Dispose() => _workspace.Dispose();

    Document Open(string code)
    {
        while (_cells.Count < chain.Codes.Count)
            _cells.Add(Add(_workspace.CurrentSolution, chain.Codes[_cells.Count], keep: true).Id);
        var project = Add(_workspace.CurrentSolution, code, keep: false);
        return project.Documents.Single();
    }

    Project Add(Solution solution, string code, bool keep)
    {
        var id = ProjectId.CreateNewId();
        var name = $"cell{_cells.Count}";
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: ScriptChain.Usings, allowUnsafe: true);
        var before = _cells.Count == 0 ? null : new[] { new ProjectReference(_cells[^1]) };
        var document = DocumentInfo.Create(
            DocumentId.CreateNewId(id), name, sourceCodeKind: SourceCodeKind.Script,
            loader: TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Create())));
        var changed = solution.AddProject(ProjectInfo.Create(
            id, VersionStamp.Create(), name, name, LanguageNames.CSharp,
            compilationOptions: options, parseOptions: ScriptChain.ParseOptions, documents: [document],
            projectReferences: before, metadataReferences: ScriptReferences.All,
            isSubmission: true, hostObjectType: typeof(CellGlobals)));
        if (keep && !_workspace.TryApplyChanges(changed))
            throw new InvalidOperationException($"cannot add {name} to the workspace");
        return changed.GetProject(id)!;
    }
}
