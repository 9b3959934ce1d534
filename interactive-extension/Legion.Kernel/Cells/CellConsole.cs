using System.Text;

namespace Legion.Kernel.Cells;

/// <summary>
/// Gives what a cell writes to the console to that cell, also from the tasks and threads it started.
/// What nobody's cell writes goes where it always went.
/// </summary>
sealed class CellConsole : TextWriter
{
    static readonly AsyncLocal<CellOutputs?> Current = new();
    static readonly Lock InstallLock = new();
    static bool s_installed;

    readonly StreamName _name;
    readonly TextWriter _outside;

    CellConsole(StreamName name, TextWriter outside)
    {
        _name = name;
        _outside = outside;
    }

    public override Encoding Encoding => _outside.Encoding;

    /// <summary>The outputs of the cell that runs here; null outside of cells.</summary>
    public static CellOutputs? Cell
    {
        get => Current.Value;
        set
        {
            Install();
            Current.Value = value;
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Current.Value is { } outputs)
            outputs.Write(_name, buffer);
        else
            _outside.Write(buffer);
    }

    public override void WriteLine(string? value) => Write(value + CoreNewLineText);

    public override void Flush()
    {
        if (Current.Value is { } outputs)
            outputs.Flush();
        else
            _outside.Flush();
    }

    string CoreNewLineText => new(CoreNewLine);

    static void Install()
    {
        lock (InstallLock)
        {
            if (s_installed)
                return;
            Console.SetOut(new CellConsole(StreamName.Out, Console.Out) { NewLine = "\n" });
            Console.SetError(new CellConsole(StreamName.Error, Console.Error) { NewLine = "\n" });
            Console.SetIn(new CellConsoleReader(Console.In));
            s_installed = true;
        }
    }
}
