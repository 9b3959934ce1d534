namespace Legion.Kernel.Jupyter;

/// <summary>A channel between a live cell and this kernel, and the cell's questions that are being answered.</summary>
/// <param name="cell">The id under which the cell was shown.</param>
sealed class CellComm(string id, string cell)
{
    readonly Lock _lock = new();
    readonly Dictionary<long, CancellationTokenSource> _questions = [];
    bool _isClosed;

    public string Id { get; } = id;

    public string Cell { get; } = cell;

    /// <param name="question">The number that the cell gave it.</param>
    /// <returns>Cancelled when the cell no longer wants the answer.</returns>
    public CancellationToken Begin(long question)
    {
        var source = new CancellationTokenSource();
        CancellationTokenSource? before;
        lock (_lock)
        {
            _questions.Remove(question, out before);
            _questions.Add(question, source);
            if (_isClosed)
                source.Cancel();
        }
        before?.Cancel();
        return source.Token;
    }

    public void End(long question)
    {
        lock (_lock)
            _questions.Remove(question);
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Cancel(long question)
    {
        CancellationTokenSource? source;
        lock (_lock)
            _questions.TryGetValue(question, out source);
        _ = source?.CancelAsync();
    }

    /// <summary>Nobody waits for anything any more.</summary>
    public void Close()
    {
        List<CancellationTokenSource> sources;
        lock (_lock)
        {
            _isClosed = true;
            sources = [.. _questions.Values];
        }
        foreach (var source in sources)
            _ = source.CancelAsync();
    }
}
