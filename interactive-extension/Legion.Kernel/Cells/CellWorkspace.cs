using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Tags;
using Microsoft.CodeAnalysis.Text;

namespace Legion.Kernel.Cells;

/// <summary>One offer.</summary>
/// <param name="Kind">What it is, in a word: class, function, property, keyword, magic and so on.</param>
public sealed record CellCompletion(string Text, string Kind);

/// <summary>What could stand at a place of a cell.</summary>
/// <param name="Start">Index of the first character that an offer replaces.</param>
/// <param name="End">Index after the last one.</param>
public sealed record CellCompletions(IReadOnlyList<CellCompletion> Items, int Start, int End)
{
    public IEnumerable<string> Matches => Items.Select(item => item.Text);
}

/// <summary>The compiler's view of the session for completion and hover: one project a cell, each on top of the one before.</summary>
/// <param name="cells">What ran, in turn; grows with the session.</param>
/// <param name="references">What cells compile against now.</param>
sealed class CellWorkspace(IReadOnlyList<string> cells, Func<IReadOnlyList<MetadataReference>> references) : IDisposable
{
    // More than anybody reads; the front end asks again after the next letter.
    const int MostMatches = 300;

    readonly AdhocWorkspace _workspace = new(MefHostServices.Create(MefHostServices.DefaultAssemblies));
    readonly List<ProjectId> _cells = [];

    // The cell that is being written. The compiler finds the symbols of hundreds of assemblies once for it, and not again for each letter.
    Document? _open;
    IReadOnlyList<MetadataReference>? _openReferences;

    public Task<CellCompletions> CompleteAsync(string code, int cursor, CancellationToken cancel) =>
        CompilerTurn.RunAsync(() => CompleteNowAsync(code, cursor, cancel), cancel);

    /// <summary>Type and documentation of what stands at the cursor; null where nothing is known.</summary>
    public Task<string?> InspectAsync(string code, int cursor, CancellationToken cancel) =>
        CompilerTurn.RunAsync(() => InspectNowAsync(code, cursor, cancel), cancel);

    /// <summary>Loads what completion needs of the compiler. Its references are its own, so that it need not wait for its turn while cells compile.</summary>
    public static async Task WarmAsync(CancellationToken cancel)
    {
        var few = ScriptReferences.Few();
        using var workspace = new CellWorkspace([], () => few);
        const string Code = "var warm = new List<int>(); warm.";
        await workspace.CompleteNowAsync(Code, Code.Length, cancel).ConfigureAwait(false);
    }

    public void Dispose() => _workspace.Dispose();

    async Task<CellCompletions> CompleteNowAsync(string code, int cursor, CancellationToken cancel)
    {
        var document = Open(code);
        var service = CompletionService.GetService(document) ?? throw new InvalidOperationException("found no completion for C#");
        var list = await service.GetCompletionsAsync(document, cursor, cancellationToken: cancel).ConfigureAwait(false);
        if (list.ItemsList.Count == 0)
            return new([], cursor, cursor);
        var typed = code[Math.Min(list.Span.Start, cursor)..cursor];
        var matches = list.ItemsList
            .Where(item => item.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(item => item.DisplayText)
            .OrderBy(item => !item.DisplayText.StartsWith(typed, StringComparison.Ordinal))
            .ThenBy(item => item.DisplayText, StringComparer.OrdinalIgnoreCase)
            .Take(MostMatches)
            .Select(item => new CellCompletion(item.DisplayText, Kind(item)));
        return new(matches.ToList(), list.Span.Start, Math.Max(cursor, list.Span.End));
    }

    async Task<string?> InspectNowAsync(string code, int cursor, CancellationToken cancel)
    {
        var document = Open(code);
        var service = QuickInfoService.GetService(document) ?? throw new InvalidOperationException("found no quick info for C#");
        var info = await service.GetQuickInfoAsync(document, cursor, cancel).ConfigureAwait(false);
        // Between the parentheses of a call, it is the call that is asked about.
        if (info is null && await CalledNameAsync(document, cursor, cancel).ConfigureAwait(false) is { } name)
            info = await service.GetQuickInfoAsync(document, name, cancel).ConfigureAwait(false);
        return info is null ? null : string.Join('\n', info.Sections.Select(section => section.Text));
    }

    static async Task<int?> CalledNameAsync(Document document, int cursor, CancellationToken cancel)
    {
        var root = await document.GetSyntaxRootAsync(cancel).ConfigureAwait(false);
        var list = root?.FindToken(Math.Max(0, cursor - 1)).Parent?.AncestorsAndSelf().OfType<ArgumentListSyntax>()
            .FirstOrDefault(list => list.SpanStart < cursor && (list.CloseParenToken.IsMissing || cursor <= list.CloseParenToken.SpanStart));
        return list?.Parent switch
        {
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } => member.Name.SpanStart,
            InvocationExpressionSyntax call => call.Expression.SpanStart,
            ObjectCreationExpressionSyntax creation => creation.Type.SpanStart,
            _ => null,
        };
    }

    static string Kind(CompletionItem item) => item.Tags.Select(KindOf).FirstOrDefault(kind => kind is not null) ?? "text";

    // The words are those that front ends know from the kernel of Python, and where they know none, from editors.
    static string? KindOf(string tag) => tag switch
    {
        WellKnownTags.Method or WellKnownTags.ExtensionMethod => "function",
        WellKnownTags.Namespace => "module",
        WellKnownTags.Class => "class",
        WellKnownTags.Structure => "struct",
        WellKnownTags.Interface => "interface",
        WellKnownTags.Enum => "enum",
        WellKnownTags.Delegate => "delegate",
        WellKnownTags.Property => "property",
        WellKnownTags.Field => "field",
        WellKnownTags.Constant or WellKnownTags.EnumMember => "constant",
        WellKnownTags.Event => "event",
        WellKnownTags.Keyword => "keyword",
        WellKnownTags.Local or WellKnownTags.RangeVariable => "instance",
        WellKnownTags.Parameter => "param",
        WellKnownTags.TypeParameter => "type",
        WellKnownTags.Snippet => "snippet",
        WellKnownTags.Operator => "operator",
        _ => null,
    };

    Document Open(string code)
    {
        var now = references();
        if (_cells.Count < cells.Count || _openReferences != now)
            _open = null;
        _openReferences = now;
        while (_cells.Count < cells.Count)
            _cells.Add(Add(_workspace.CurrentSolution, cells[_cells.Count], keep: true).Id);
        var text = CellDirective.Blank(code);
        return _open = _open?.WithText(SourceText.From(text)) ?? Add(_workspace.CurrentSolution, text, keep: false).Documents.Single();
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
            compilationOptions: options, parseOptions: ScriptChain.ParseOptions.WithDocumentationMode(DocumentationMode.Parse), documents: [document],
            projectReferences: before, metadataReferences: _openReferences,
            isSubmission: true, hostObjectType: typeof(CellGlobals)));
        if (keep && !_workspace.TryApplyChanges(changed))
            throw new InvalidOperationException($"cannot add {name} to the workspace");
        return changed.GetProject(id)!;
    }
}
