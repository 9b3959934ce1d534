using Legion.Notebook.Grammar;

namespace Legion.Tests.Notebook;

/// <summary>Keeps what magics do to a notebook.</summary>
sealed class FakeHost : INotebookHost
{
    public Dictionary<string, object?> Variables { get; } = [];

    public List<object> Displayed { get; } = [];

    public List<string?> Reported { get; } = [];

    public IEnumerable<string> VariableNames => Variables.Keys;

    public bool TryGetVariable(string name, out object? value) => Variables.TryGetValue(name, out value);

    public Task SetVariableAsync(string name, object? value, Type type)
    {
        Variables[name] = value;
        return Task.CompletedTask;
    }

    public void Display(object value) => Displayed.Add(value);

    public void Display(object value, string place) => Displayed.Add(value);

    public bool IsInteractive { get; init; }

    public void Report(string? progress) => Reported.Add(progress);
}
