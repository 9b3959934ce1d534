using System.ComponentModel;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Kernel.Notebooks;
using Legion.Notebook.Grammar;

namespace Legion.Kernel;

/// <summary>What to run, and what to leave behind.</summary>
public sealed record NotebookRun
{
    public required string File { get; init; }

    public required Magics Magics { get; init; }

    /// <summary>
    /// Variables to set. They are text, or of the type with which the cell tagged "parameters" declares them,
    /// after which they are set; without such a cell, before the first.
    /// </summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Where to write the notebook with its outputs; null: nowhere.</summary>
    public string? ExecutedFile { get; init; }

    /// <summary>Where to write one HTML file that needs no other; null: nowhere.</summary>
    public string? ReportFile { get; init; }

    /// <summary>What draws the report's live cells.</summary>
    public CellModules Modules { get; init; } = CellModules.PlotlyOnly;
}

/// <summary>How a run ended.</summary>
/// <param name="FailedCell">Counted from 1 among all cells of the file; null where all ran.</param>
/// <param name="Error">What stopped it.</param>
public sealed record NotebookRunResult(int CellsRun, int? FailedCell, ErrorOutput? Error)
{
    public bool Succeeded => Error is null;
}

/// <summary>Executes a notebook file from its first cell to its last, without Jupyter: <c>legion notebook run</c>.</summary>
public static class NotebookRunner
{
    /// <summary>Stops at the first cell that fails. The files are written also then, with what came about.</summary>
    /// <param name="progress">Told the number of each cell that begins, and of how many.</param>
    /// <exception cref="InvalidDataException">The file is no notebook, or a value does not fit its variable.</exception>
    public static async Task<NotebookRunResult> RunAsync(NotebookRun run, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        var notebook = NotebookFile.Read(run.File);
        using var session = new Session(run.Magics, new() { Working = Path.GetDirectoryName(Path.GetFullPath(run.File))! }, isInteractive: false);
        var parameters = notebook.Cells.Any(cell => cell.IsCode && cell.DeclaresParameters);
        if (!parameters)
            await SetAsync(session, run.Values).ConfigureAwait(false);

        var result = new NotebookRunResult(0, null, null);
        for (var i = 0; i < notebook.Cells.Count && result.Succeeded; i++)
        {
            var cell = notebook.Cells[i];
            if (!cell.IsCode || string.IsNullOrWhiteSpace(cell.Source))
                continue;
            progress?.Invoke(i + 1, notebook.Cells.Count);
            var ended = await session.ExecuteAsync(cell.Source, cell.Add, cancel).ConfigureAwait(false);
            cell.Keep(ended.ExecutionCount);
            result = new(result.CellsRun + 1, ended.Error is null ? null : i + 1, ended.Error);
            if (parameters && cell.DeclaresParameters && result.Succeeded)
                await SetAsync(session, run.Values).ConfigureAwait(false);
        }

        if (run.ExecutedFile is not null)
            notebook.Write(run.ExecutedFile);
        if (run.ReportFile is not null)
            await File.WriteAllTextAsync(run.ReportFile, Report.Write(notebook, Path.GetFileNameWithoutExtension(run.File), run.Modules), cancel).ConfigureAwait(false);
        return result;
    }

    static async Task SetAsync(Session session, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, text) in values)
        {
            var type = session.TryGetVariable(name, out var declared) && declared is not null ? declared.GetType() : typeof(string);
            await session.SetVariableAsync(name, Read(name, text, type), type).ConfigureAwait(false);
        }
    }

    static object? Read(string name, string text, Type type)
    {
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            throw new InvalidDataException($"cannot set '{name}' to '{text}': expected {type.Name}", e);
        }
    }
}
