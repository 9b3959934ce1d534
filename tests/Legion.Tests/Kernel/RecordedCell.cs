using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Xunit;

namespace Legion.Tests.Kernel;

/// <summary>One execution of a cell and everything it put out.</summary>
sealed class RecordedCell
{
    readonly List<CellOutput> _outputs = [];

    public CellResult Result { get; private set; } = null!;

    public IReadOnlyList<CellOutput> Outputs
    {
        get
        {
            lock (_outputs)
                return [.. _outputs];
        }
    }

    /// <summary>Outputs as lines: out:, err:, display:, result:, error: with the plain text.</summary>
    public string Text => string.Join('\n', Joined().Select(pair => $"{pair.Kind}: {pair.Text.TrimEnd()}"));

    public static Task<RecordedCell> RunAsync(Session session, string cell) => RunAsync(session, cell, static _ => { }, TestContext.Current.CancellationToken);

    public static async Task<RecordedCell> RunAsync(Session session, string cell, Action<CellOutput> seen, CancellationToken interrupt)
    {
        var recorded = new RecordedCell();
        recorded.Result = await session.ExecuteAsync(cell, output =>
        {
            lock (recorded._outputs)
                recorded._outputs.Add(output);
            seen(output);
        }, interrupt);
        return recorded;
    }

    // How text is cut into outputs depends on time.
    List<(string Kind, string Text)> Joined()
    {
        var joined = new List<(string Kind, string Text)>();
        foreach (var output in Outputs)
        {
            var (kind, text) = output switch
            {
                StreamOutput { Name: StreamName.Out } stream => ("out", stream.Text),
                StreamOutput stream => ("err", stream.Text),
                DisplayOutput { IsUpdate: true } display => ("update", display.Data[MimeBundle.Plain]),
                DisplayOutput display => ("display", display.Data[MimeBundle.Plain]),
                ResultOutput result => ("result", result.Data[MimeBundle.Plain]),
                ErrorOutput error => ("error", error.Message),
                _ => throw new InvalidOperationException($"unknown output {output}"),
            };
            if (joined.Count > 0 && joined[^1].Kind == kind && output is StreamOutput)
                joined[^1] = (kind, joined[^1].Text + text);
            else
                joined.Add((kind, text ?? ""));
        }
        return joined;
    }
}
