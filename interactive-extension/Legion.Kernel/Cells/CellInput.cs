using System.Text;

namespace Legion.Kernel.Cells;

/// <summary>What a cell asks whoever looks at it.</summary>
/// <param name="Prompt">Stands before the place for the answer; may be empty.</param>
/// <param name="IsPassword">The answer must not be readable while it is typed.</param>
public sealed record CellQuestion(string Prompt, bool IsPassword);

/// <summary>Asks for a line, on behalf of a cell.</summary>
/// <returns>The line without its end.</returns>
/// <exception cref="InvalidOperationException">Nobody can be asked; the message says why.</exception>
public delegate Task<string> CellInput(CellQuestion question, CancellationToken interrupt);

/// <summary>What a cell reads from the console are answers to its questions; outside of cells it is the console's own.</summary>
sealed class CellConsoleReader(TextReader outside) : TextReader
{
    // What is left of a line of which single characters were read.
    readonly StringBuilder _rest = new();

    public override string? ReadLine()
    {
        if (_rest.Length == 0)
            return CellConsole.Cell is { } cell ? cell.Ask(new("", IsPassword: false)) : outside.ReadLine();
        var line = _rest.ToString().TrimEnd('\n');
        _rest.Clear();
        return line;
    }

    public override int Peek() => _rest.Length > 0 ? _rest[0] : CellConsole.Cell is null ? outside.Peek() : -1;

    public override int Read()
    {
        if (_rest.Length == 0)
        {
            if (CellConsole.Cell is null)
                return outside.Read();
            _rest.Append(ReadLine()).Append('\n');
        }
        var first = _rest[0];
        _rest.Remove(0, 1);
        return first;
    }
}
