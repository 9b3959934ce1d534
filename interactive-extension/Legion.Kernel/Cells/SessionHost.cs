using Legion.Kernel.Display;
using Legion.Notebook.Grammar;

namespace Legion.Kernel.Cells;

/// <summary>What the magics may ask of a session.</summary>
/// <param name="isInteractive">See <see cref="INotebookHost.IsInteractive"/>.</param>
sealed class SessionHost(ScriptChain chain, bool isInteractive) : INotebookHost
{
    readonly HashSet<string> _places = [];
    string? _progress;
    int _progresses;

    public IEnumerable<string> VariableNames => chain.Variables.Select(variable => variable.Name).Distinct();

    public bool TryGetVariable(string name, out object? value)
    {
        var variable = chain.Variables.LastOrDefault(variable => variable.Name == name);
        value = variable?.Value;
        return variable is not null;
    }

    public Task SetVariableAsync(string name, object? value, Type type) => chain.SetVariableAsync(name, value, type);

    public void Display(object value) => CellConsole.Cell?.Emit(new DisplayOutput(ValueFormatting.Format(value)));

    public void Display(object value, string place)
    {
        var isUpdate = !_places.Add(place);
        CellConsole.Cell?.Emit(new DisplayOutput(ValueFormatting.Format(value), place, isUpdate));
    }

    public bool IsInteractive => isInteractive;

    public void Report(string? progress)
    {
        if (progress is null)
            return;
        var isUpdate = _progress is not null;
        _progress ??= $"progress-{++_progresses}";
        CellConsole.Cell?.Emit(new DisplayOutput(MimeBundle.Text(progress), _progress, isUpdate));
    }

    /// <summary>
    /// Shows what a verb gave, in the place where its progress stood: front ends can replace what is shown,
    /// but not take it away.
    /// </summary>
    /// <param name="result">Null where there is nothing to show.</param>
    public void End(object? result, CellOutputs outputs)
    {
        var place = _progress;
        _progress = null;
        if (result is not null)
            outputs.Emit(new DisplayOutput(ValueFormatting.Format(result), place, IsUpdate: place is not null));
        else if (place is not null)
            outputs.Emit(new DisplayOutput(MimeBundle.Text(""), place, IsUpdate: true));
    }
}
