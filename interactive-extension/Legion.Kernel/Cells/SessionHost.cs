using Legion.Kernel.Display;
using Legion.Notebook.Grammar;

namespace Legion.Kernel.Cells;

/// <summary>What the magics may ask of a session.</summary>
sealed class SessionHost(ScriptChain chain) : INotebookHost
{
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

    public void Report(string? progress)
    {
        if (progress is null && _progress is null)
            return;
        var isUpdate = _progress is not null;
        _progress ??= $"progress-{++_progresses}";
        CellConsole.Cell?.Emit(new DisplayOutput(MimeBundle.Text(progress ?? ""), _progress, isUpdate));
        if (progress is null)
            _progress = null;
    }
}
