using System.Diagnostics;
using System.Globalization;
using Legion.Kernel.Cells.Packages;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Notebook.Grammar;
using Microsoft.CodeAnalysis;

namespace Legion.Kernel.Cells;

/// <summary>
/// Executes cells of C# and magics, one after the other, and yields what they put out.
/// It knows no transport: Jupyter's channels and <see cref="NotebookRunner"/> stand on top of it.
/// </summary>
public sealed class Session : IDisposable
{
    // A query that is cancelled ends within a fraction of this.
    static readonly TimeSpan MagicStopTime = TimeSpan.FromSeconds(2);

    readonly ScriptChain _chain;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly SessionFolders _folders;
    readonly Magics _magics;
    readonly SessionHost _host;
    readonly Lazy<CellWorkspace> _workspace;
    readonly List<string> _importing = [];
    int _executionCount;
    int _uncounted;

    /// <param name="magics">With the verbs that this program can do.</param>
    /// <param name="isInteractive">Whether somebody sits before it, who can stop what goes on until it is stopped.</param>
    public Session(Magics magics, SessionFolders? folders = null, bool isInteractive = true)
    {
        _magics = magics;
        _folders = folders ?? new();
        _chain = new ScriptChain(new CellReferences(new PackageRestore(_folders.PackageCache)));
        _host = new SessionHost(_chain, isInteractive);
        _workspace = new(() => new CellWorkspace(_chain.Codes, () => _chain.References.All));
    }

    /// <summary>The number of the cell that ran last, or runs now.</summary>
    public int ExecutionCount => _executionCount;

    /// <summary>Runs a cell: C# lines and magics in the order of the text.</summary>
    /// <param name="output">Is called from any thread, one call at a time, also after the cell's end where it left work running.</param>
    /// <param name="interrupt">Stops the cell, also in the middle of a loop; the session goes on.</param>
    public async Task<CellResult> ExecuteAsync(string cell, Action<CellOutput> output, CancellationToken interrupt = default, CellOptions? options = null)
    {
        options ??= new();
        await _turn.WaitAsync(interrupt).ConfigureAwait(false);
        try
        {
            var outputs = new CellOutputs(output, options.Input, interrupt);
            CellConsole.Cell = outputs;
            var reads = SelectionReads.Begin();
            var name = options.IsCounted ? CellFile.Name(++_executionCount) : CellFile.Uncounted(++_uncounted);
            var error = await RunAsync(new(cell.ReplaceLineEndings("\n"), name, _folders.Working), outputs, interrupt).ConfigureAwait(false);
            if (error is not null)
                outputs.Emit(error);
            outputs.Flush();
            return new(_executionCount, error, reads.Results);
        }
        finally
        {
            CellConsole.Cell = null;
            _turn.Release();
        }
    }

    /// <summary>Declares a C# variable, or replaces it.</summary>
    public Task SetVariableAsync(string name, object? value, Type type) => _host.SetVariableAsync(name, value, type);

    public bool TryGetVariable(string name, out object? value) => _host.TryGetVariable(name, out value);

    /// <param name="cursor">Index into the cell.</param>
    public async Task<CellCompletions> CompleteAsync(string cell, int cursor, CancellationToken cancel = default)
    {
        if (MagicAt(cell, cursor) is not { } magic)
            return await _workspace.Value.CompleteAsync(CellSyntax.WithoutMagics(cell), cursor, cancel).ConfigureAwait(false);
        var at = cursor - magic.Start;
        var line = magic.Text.Split('\n')[0];
        if (at > line.Length)
            return await OfMagicAsync([]).ConfigureAwait(false);
        return KernelMagic.CompleteArgument(line, at, _folders.Working) is { } own
            ? new(own.Items, magic.Start + own.Start, magic.Start + own.End)
            : await OfMagicAsync(KernelMagic.CompleteWord(line, at)).ConfigureAwait(false);

        async Task<CellCompletions> OfMagicAsync(IEnumerable<CellCompletion> others)
        {
            var found = await _magics.CompleteAsync(magic.Text, at, _host, cancel).ConfigureAwait(false);
            return new([.. found.Items.Select(item => new CellCompletion(item.Text, "magic")), .. others], magic.Start + found.Start, magic.Start + found.End);
        }
    }

    /// <summary>What is known of the word at the cursor, as text; null where it is nothing.</summary>
    public Task<string?> InspectAsync(string cell, int cursor, CancellationToken cancel = default) =>
        MagicAt(cell, cursor) is { } magic
            ? Task.FromResult(KernelMagic.On(magic.Text.Split('\n')[0])?.ToString() ?? Magics.Describe(magic.Text, cursor - magic.Start))
            : _workspace.Value.InspectAsync(CellSyntax.WithoutMagics(cell), cursor, cancel);

    /// <summary>Whether Enter should run the cell or begin a new line.</summary>
    public static Completeness IsComplete(string cell) => CellSyntax.IsComplete(cell);

    /// <summary>Loads the compiler, while the user still types, so that the first cell and completion need not.</summary>
    public static Task WarmAsync(CancellationToken cancel = default) =>
        Task.WhenAll(Task.Run(() => WarmCellAsync(cancel), cancel), Task.Run(() => CellWorkspace.WarmAsync(cancel), cancel));

    static async Task WarmCellAsync(CancellationToken cancel)
    {
        using var session = new Session(new Magics());
        await session.ExecuteAsync("var warm = 0; warm", static _ => { }, cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (_workspace.IsValueCreated)
            _workspace.Value.Dispose();
        _turn.Dispose();
    }

    async Task<ErrorOutput?> RunAsync(CellSource source, CellOutputs outputs, CancellationToken interrupt)
    {
        var segments = CellSyntax.Split(source.Text);
        // A cell with a mistake in its last line should not have done half of its work first.
        foreach (var segment in segments)
            if (Check(source, segment) is { } mistake)
                return mistake;

        long? timedFrom = null;
        ErrorOutput? error = null;
        foreach (var segment in segments)
        {
            if (segment.IsMagic && KernelMagic.On(segment.Text) == KernelMagic.Time)
                timedFrom = Stopwatch.GetTimestamp();
            error = interrupt.IsCancellationRequested ? CellErrors.Interrupted
                : !segment.IsMagic ? await RunCodeAsync(source, segment, outputs, isLast: ReferenceEquals(segment, segments[^1]), interrupt).ConfigureAwait(false)
                : Magics.Owns(segment.Text) ? await RunMagicAsync(segment, outputs, interrupt).ConfigureAwait(false)
                : await RunKernelMagicAsync(source, KernelMagic.Read(segment), outputs, interrupt).ConfigureAwait(false);
            if (error is not null)
                break;
        }
        if (timedFrom is { } from)
            outputs.Emit(new DisplayOutput(MimeBundle.Text($"took {Duration(Stopwatch.GetElapsedTime(from))}")));
        return error;
    }

    static ErrorOutput? Check(CellSource source, CellSegment segment)
    {
        try
        {
            if (segment.IsMagic)
            {
                if (Magics.Owns(segment.Text))
                    Magics.Parse(segment.Text);
                else
                    KernelMagic.Read(segment);
                return null;
            }
        }
        catch (MagicException e)
        {
            return CellErrors.OfMagic(e, segment);
        }
        catch (DirectiveException e)
        {
            return CellErrors.OfDirective(source, e);
        }
        var tree = CellSyntax.Parse(CellSyntax.AtItsLine(segment));
        return CellErrors.OfUsingDeclaration(source, tree) ?? CellErrors.OfCompilation(source, tree.GetDiagnostics());
    }

    async Task<ErrorOutput?> RunCodeAsync(CellSource source, CellSegment segment, CellOutputs outputs, bool isLast, CancellationToken interrupt)
    {
        try
        {
            var code = CellSyntax.AtItsLine(segment);
            var directives = CellDirective.Of(code);
            if (directives.Count > 0)
            {
                code = CellDirective.Blank(code);
                if (await CarryOutAsync(source, directives, outputs, interrupt).ConfigureAwait(false) is { } problem)
                    return problem;
                if (string.IsNullOrWhiteSpace(code))
                    return null;
            }
            var script = _chain.Compile(code, source.Name, out var diagnostics, interrupt);
            if (CellErrors.OfCompilation(source, diagnostics) is { } mistake)
                return mistake;
            var (value, exception) = await _chain.RunAsync(script, interrupt).ConfigureAwait(false);
            if (exception is not null)
                return OfException(exception, interrupt);
            if (value is not null)
                outputs.Emit(isLast && !source.IsImported ? new ResultOutput(ValueFormatting.Format(value)) : new DisplayOutput(ValueFormatting.Format(value)));
            return null;
        }
        catch (Exception e) // The cell's border: formatters and ToString are user code too.
        {
            return OfException(e, interrupt);
        }
    }

    async Task<ErrorOutput?> CarryOutAsync(CellSource source, IReadOnlyList<CellDirective> directives, CellOutputs outputs, CancellationToken interrupt)
    {
        try
        {
            var references = directives.Where(directive => !directive.IsLoad).ToLookup(PackageRequest.Is);
            foreach (var file in references[false])
                _chain.References.AddFile(file, source.Folder);
            if (references[true].ToList() is { Count: > 0 } packages)
            {
                string? loaded = null;
                try
                {
                    loaded = await _chain.References.AddPackagesAsync(packages, source.Folder, _host.Report, interrupt).ConfigureAwait(false);
                }
                finally
                {
                    _host.End(loaded, outputs);
                }
            }
            foreach (var load in directives.Where(directive => directive.IsLoad))
                if (await ImportAsync(source, load.Value, load.Line, load.Column, outputs, interrupt).ConfigureAwait(false) is { } error)
                    return error;
            return null;
        }
        catch (DirectiveException e)
        {
            return CellErrors.OfDirective(source, e);
        }
    }

    /// <summary>Runs a file as if it stood in the cell.</summary>
    /// <exception cref="DirectiveException">There is no such file, it is none of C#, or it is being run already.</exception>
    async Task<ErrorOutput?> ImportAsync(CellSource source, string path, int line, int column, CellOutputs outputs, CancellationToken interrupt)
    {
        var file = Path.GetFullPath(path, source.Folder);
        if (_importing.Contains(file))
            throw new DirectiveException($"'{path}' imports itself", line, column);
        IReadOnlyList<CellSource> parts;
        try
        {
            parts = ImportedFile.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DirectiveException(e is FileNotFoundException or DirectoryNotFoundException ? $"found no file '{path}': looked for '{file}'" : e.Message, line, column, e);
        }
        _importing.Add(file);
        try
        {
            foreach (var part in parts)
                if (await RunAsync(part, outputs, interrupt).ConfigureAwait(false) is { } error)
                    return error.Line is null ? error : error with { Line = line, Column = column };
            return null;
        }
        finally
        {
            _importing.Remove(file);
        }
    }

    async Task<ErrorOutput?> RunKernelMagicAsync(CellSource source, KernelMagicCall call, CellOutputs outputs, CancellationToken interrupt)
    {
        try
        {
            if (call.Magic == KernelMagic.Import)
                return await ImportAsync(source, call.Argument, call.Line, call.Column, outputs, interrupt).ConfigureAwait(false);
            if (call.Magic == KernelMagic.List)
                outputs.Emit(new DisplayOutput(MimeBundle.Text($"{string.Join('\n', KernelMagic.All.Select(magic => $"{magic.Usage,-16} {magic.Summary}"))}\n{Magics.Describe("", 0)}")));
            else if (call.Magic != KernelMagic.Time)
                outputs.Emit(new DisplayOutput(await Task.Run(() => call.Magic == KernelMagic.Who ? VariableList.Names(_chain.Variables) : VariableList.Table(_chain.Variables), interrupt)
                    .WaitAsync(interrupt).ConfigureAwait(false)));
            return null;
        }
        catch (DirectiveException e)
        {
            return CellErrors.OfDirective(source, e);
        }
        catch (OperationCanceledException e)
        {
            return OfException(e, interrupt);
        }
    }

    async Task<ErrorOutput?> RunMagicAsync(CellSegment segment, CellOutputs outputs, CancellationToken interrupt)
    {
        // A verb stops by its token; aborting it could break what it shares with other verbs.
        // One that does not listen is left behind.
        using var leave = new CancellationTokenSource();
        var verb = Task.Run(() => _magics.RunAsync(segment.Text, _host, interrupt), CancellationToken.None);
        try
        {
            await using var _ = interrupt.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(MagicStopTime), leave);
            var result = await verb.WaitAsync(leave.Token).ConfigureAwait(false);
            _host.End(result, outputs);
            return null;
        }
        catch (MagicException e)
        {
            _host.End(null, outputs);
            return CellErrors.OfMagic(e, segment);
        }
        catch (Exception e) // The cell's border.
        {
            _host.End(null, outputs);
            return verb.IsCompleted ? OfException(e, interrupt) : CellErrors.LeftBehind;
        }
    }

    ErrorOutput OfException(Exception exception, CancellationToken interrupt) =>
        exception is LeftBehindException ? CellErrors.LeftBehind
        : interrupt.IsCancellationRequested && exception is OperationCanceledException or ThreadInterruptedException ? CellErrors.Interrupted
        : CellErrors.OfException(exception, _chain.Column);

    static CellSegment? MagicAt(string cell, int cursor) =>
        CellSyntax.Split(cell).LastOrDefault(segment => segment.IsMagic && segment.Start <= cursor && cursor <= segment.Start + segment.Text.Length) is { } magic
            // Behind its last line feed begins what is not its own.
            && !(cursor == magic.Start + magic.Text.Length && magic.Text.EndsWith('\n') && cursor < cell.Length) ? magic : null;

    static string Duration(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.000} s");
}
