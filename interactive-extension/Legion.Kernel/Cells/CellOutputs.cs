using System.Text;

namespace Legion.Kernel.Cells;

/// <summary>
/// Where one cell's outputs go, and its questions. Text is gathered for a moment, so that a loop that prints lines
/// does not make a message of each; everything leaves in the order in which it was put out.
/// </summary>
/// <param name="interrupt">
/// Once it is cancelled, what runs in the cell's name ends at its next output: a loop that prints stops there,
/// outside of every lock.
/// </param>
/// <param name="input">Answers what the cell asks.</param>
sealed class CellOutputs(Action<CellOutput> receiver, CellInput input, CancellationToken interrupt)
{
    // Shorter than anybody sees, long enough for some thousand lines.
    static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(20);
    const int GatherCharacters = 16 * 1024;

    readonly Lock _lock = new();
    readonly StringBuilder _text = new();
    StreamName _textName;
    bool _flushIsDue;

    public void Write(StreamName name, ReadOnlySpan<char> text)
    {
        interrupt.ThrowIfCancellationRequested();
        if (text.IsEmpty)
            return;
        lock (_lock)
        {
            if (name != _textName)
                FlushText();
            _textName = name;
            _text.Append(text);
            if (_text.Length >= GatherCharacters)
                FlushText();
            else if (!_flushIsDue)
            {
                _flushIsDue = true;
                _ = FlushLaterAsync();
            }
        }
    }

    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void ThrowIfInterrupted() => interrupt.ThrowIfCancellationRequested();

    public void Emit(CellOutput output)
    {
        lock (_lock)
        {
            FlushText();
            receiver(output);
        }
    }

    /// <summary>Waits for an answer, on the thread of the code that needs it; what was written before stands above the question.</summary>
    /// <exception cref="InvalidOperationException">Nobody can be asked.</exception>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public string Ask(CellQuestion question)
    {
        interrupt.ThrowIfCancellationRequested();
        Flush();
        return input(question, interrupt).GetAwaiter().GetResult();
    }

    public void Flush()
    {
        lock (_lock)
            FlushText();
    }

    async Task FlushLaterAsync()
    {
        await Task.Delay(GatherTime).ConfigureAwait(false);
        lock (_lock)
        {
            _flushIsDue = false;
            FlushText();
        }
    }

    void FlushText()
    {
        if (_text.Length == 0)
            return;
        receiver(new StreamOutput(_textName, _text.ToString()));
        _text.Clear();
    }
}
