using Legion.Kernel.Display;
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

    readonly ScriptChain _chain = new();
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly Magics _magics;
    readonly SessionHost _host;
    readonly Lazy<CellWorkspace> _workspace;
    int _executionCount;

    /// <param name="magics">With the verbs that this program can do.</param>
    /// <param name="isInteractive">Whether somebody sits before it, who can stop what goes on until it is stopped.</param>
    public Session(Magics magics, bool isInteractive = true)
    {
        _magics = magics;
        _host = new SessionHost(_chain, isInteractive);
        _workspace = new(() => new CellWorkspace(_chain));
    }

    /// <summary>The number of the cell that ran last, or runs now.</summary>
    public int ExecutionCount => _executionCount;

    /// <summary>Runs a cell: C# lines and magics in the order of the text.</summary>
    /// <param name="output">Is called from any thread, one call at a time, also after the cell's end where it left work running.</param>
    /// <param name="interrupt">Stops the cell, also in the middle of a loop; the session goes on.</param>
    public async Task<CellResult> ExecuteAsync(string cell, Action<CellOutput> output, CancellationToken interrupt = default)
    {
        await _turn.WaitAsync(interrupt).ConfigureAwait(false);
        try
        {
            var outputs = new CellOutputs(output, interrupt);
            CellConsole.Cell = outputs;
            var count = ++_executionCount;
            var error = await RunAsync(cell.ReplaceLineEndings("\n"), CellFile.Name(count), outputs, interrupt).ConfigureAwait(false);
            if (error is not null)
                outputs.Emit(error);
            outputs.Flush();
            return new(count, error);
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
        var found = await _magics.CompleteAsync(magic.Text, cursor - magic.Start, _host, cancel).ConfigureAwait(false);
        return new(found.Items.Select(item => item.Text).ToList(), magic.Start + found.Start, magic.Start + found.End);
    }

    /// <summary>What is known of the word at the cursor, as text; null where it is nothing.</summary>
    public Task<string?> InspectAsync(string cell, int cursor, CancellationToken cancel = default) =>
        MagicAt(cell, cursor) is { } magic
            ? Task.FromResult(Magics.Describe(magic.Text, cursor - magic.Start))
            : _workspace.Value.InspectAsync(CellSyntax.WithoutMagics(cell), cursor, cancel);

    /// <summary>Whether Enter should run the cell or begin a new line.</summary>
    public static Completeness IsComplete(string cell) => CellSyntax.IsComplete(cell);

    /// <summary>Loads the compiler, while the user still types, so that the first cell and completion need not.</summary>
    public static async Task WarmAsync(CancellationToken cancel = default)
    {
        using var session = new Session(new Magics());
        await session.ExecuteAsync("var warm = 0; warm", static _ => { }, cancel).ConfigureAwait(false);
        await session.CompleteAsync("warm.", 5, cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (_workspace.IsValueCreated)
            _workspace.Value.Dispose();
        _turn.Dispose();
    }

    async Task<ErrorOutput?> RunAsync(string cell, string file, CellOutputs outputs, CancellationToken interrupt)
    {
        var segments = CellSyntax.Split(cell);
        // A cell with a mistake in its last line should not have done half of its work first.
        foreach (var segment in segments)
            if (Check(cell, segment) is { } mistake)
                return mistake;

        foreach (var segment in segments)
        {
            var error = interrupt.IsCancellationRequested ? CellErrors.Interrupted
                : segment.IsMagic ? await RunMagicAsync(segment, outputs, interrupt).ConfigureAwait(false)
                : await RunCodeAsync(cell, segment, file, outputs, isLast: ReferenceEquals(segment, segments[^1]), interrupt).ConfigureAwait(false);
            if (error is not null)
                return error;
        }
        return null;
    }

    static ErrorOutput? Check(string cell, CellSegment segment)
    {
        if (segment.IsMagic)
        {
            try
            {
                Magics.Parse(segment.Text);
                return null;
            }
            catch (MagicException e)
            {
                return CellErrors.OfMagic(e, segment);
            }
        }
        var tree = CellSyntax.Parse(CellSyntax.AtItsLine(segment));
        return CellErrors.OfUsingDeclaration(cell, tree) ?? CellErrors.OfCompilation(cell, tree.GetDiagnostics());
    }

    async Task<ErrorOutput?> RunCodeAsync(string cell, CellSegment segment, string file, CellOutputs outputs, bool isLast, CancellationToken interrupt)
    {
        try
        {
            var script = _chain.Compile(CellSyntax.AtItsLine(segment), file, out var diagnostics, interrupt);
            if (CellErrors.OfCompilation(cell, diagnostics) is { } mistake)
                return mistake;
            var (value, exception) = await _chain.RunAsync(script, interrupt).ConfigureAwait(false);
            if (exception is not null)
                return IsStop(exception, interrupt) ? CellErrors.Interrupted : CellErrors.OfException(exception, _chain.Column);
            if (value is not null)
                outputs.Emit(isLast ? new ResultOutput(ValueFormatting.Format(value)) : new DisplayOutput(ValueFormatting.Format(value)));
            return null;
        }
        catch (Exception e) // The cell's border: formatters and ToString are user code too.
        {
            return IsStop(e, interrupt) ? CellErrors.Interrupted : CellErrors.OfException(e, _chain.Column);
        }
    }

    async Task<ErrorOutput?> RunMagicAsync(CellSegment segment, CellOutputs outputs, CancellationToken interrupt)
    {
        try
        {
            // A verb stops by its token; aborting it could break what it shares with other verbs.
            // One that does not listen is left behind.
            using var leave = new CancellationTokenSource();
            await using var _ = interrupt.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(MagicStopTime), leave);
            var result = await Task.Run(() => _magics.RunAsync(segment.Text, _host, interrupt), interrupt).WaitAsync(leave.Token).ConfigureAwait(false);
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
            return IsStop(e, interrupt) ? CellErrors.Interrupted : CellErrors.OfException(e, _chain.Column);
        }
    }

    static bool IsStop(Exception exception, CancellationToken interrupt) =>
        interrupt.IsCancellationRequested
        && (exception is OperationCanceledException or ThreadInterruptedException);

    static CellSegment? MagicAt(string cell, int cursor) =>
        CellSyntax.Split(cell).LastOrDefault(segment => segment.IsMagic && segment.Start <= cursor && cursor <= segment.Start + segment.Text.Length) is { } magic
            // Behind its last line feed begins what is not its own.
            && !(cursor == magic.Start + magic.Text.Length && magic.Text.EndsWith('\n') && cursor < cell.Length) ? magic : null;
}
