namespace Legion.Notebook.Grammar;

/// <summary>What a magic may ask of the notebook it runs in. Each kernel that hosts the magics implements it.</summary>
public interface INotebookHost
{
    /// <summary>The C# variables of the session.</summary>
    IEnumerable<string> VariableNames { get; }

    bool TryGetVariable(string name, out object? value);

    /// <summary>Declares the variable, or replaces it.</summary>
    /// <param name="type">The variable's type in C#, which cells compile against.</param>
    Task SetVariableAsync(string name, object? value, Type type);

    /// <summary>Shows a value below the cell, now.</summary>
    void Display(object value);

    /// <summary>Shows a value below the cell, now, in place of what was shown under the same name before.</summary>
    void Display(object value, string place);

    /// <summary>Whether somebody sits before it: otherwise what would go on until it is stopped ends after its first round.</summary>
    bool IsInteractive { get; }

    /// <summary>Shows one line that replaces the line reported before it; null: the work is done, and its result takes the place.</summary>
    void Report(string? progress);
}
