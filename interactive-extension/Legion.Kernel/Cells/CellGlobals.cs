using System.ComponentModel;
using Legion.Kernel.Display;

namespace Legion.Kernel.Cells;

/// <summary>What every cell can call without a class name.</summary>
public sealed class CellGlobals
{
    readonly Dictionary<string, object?> _passed = [];
    int _displays;

    internal CellGlobals() { }

    /// <summary>Cancelled when the cell is interrupted. Long work that looks at it stops in an orderly way.</summary>
    public CancellationToken Interrupted { get; internal set; }

    /// <summary>Shows a value below the cell.</summary>
    /// <returns>With which the value can be replaced later.</returns>
    public DisplayHandle display(object? value) => Show(value is null ? MimeBundle.Text("null") : ValueFormatting.Format(value));

    /// <summary>Shows a value in the form of a mime type; a string is taken as it is, as in <c>display("&lt;b>x&lt;/b>", "text/html")</c>.</summary>
    public DisplayHandle display(object value, string mimeType) => Show(ValueFormatting.Format(value, mimeType));

    /// <summary>Asks for a line of text below the cell and waits for it.</summary>
    /// <param name="prompt">Stands before the place for the answer.</param>
    /// <returns>The line without its end.</returns>
    /// <exception cref="InvalidOperationException">Nobody can be asked here, as in a run without a front end.</exception>
    public string input(string prompt = "") => Cell("ask").Ask(new(prompt, IsPassword: false));

    /// <summary>Asks for a text that cannot be read while it is typed, and waits for it. It is not kept in the notebook.</summary>
    /// <param name="prompt">Stands before the place for the answer.</param>
    /// <exception cref="InvalidOperationException">Nobody can be asked here, as in a run without a front end.</exception>
    public string password(string prompt = "") => Cell("ask").Ask(new(prompt, IsPassword: true));

    /// <summary>Hands a host's value to the declaration of its variable.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public T PassedValue<T>(string name) => (T)_passed[name]!;

    internal void Pass(string name, object? value) => _passed[name] = value;

    DisplayHandle Show(MimeBundle data)
    {
        Interrupted.ThrowIfCancellationRequested();
        var handle = new DisplayHandle($"display-{Interlocked.Increment(ref _displays)}");
        Cell("display").Emit(new DisplayOutput(data, handle.Id));
        return handle;
    }

    static CellOutputs Cell(string what) => CellConsole.Cell ?? throw new InvalidOperationException($"cannot {what}: no cell runs here");
}

/// <summary>A value below a cell, which can be replaced.</summary>
public sealed class DisplayHandle
{
    internal DisplayHandle(string id) => Id = id;

    public string Id { get; }

    public void Update(object value) =>
        CellConsole.Cell?.Emit(new DisplayOutput(ValueFormatting.Format(value), Id, IsUpdate: true));
}
