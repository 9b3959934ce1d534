using System.Text.Json.Nodes;
using Legion.Kernel.Cells;

namespace Legion.Kernel.Jupyter;

/// <summary>Asks the front end that sent a cell for a line, one question at a time.</summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel</remarks>
/// <param name="ask">Sends an input_request in answer to an execute_request.</param>
sealed class JupyterStdin(Action<JupyterMessage, JsonObject> ask)
{
    // Several threads of a cell may ask; a front end shows one question.
    readonly SemaphoreSlim _turn = new(1, 1);
    TaskCompletionSource<string>? _answer;

    /// <summary>What a cell's questions go to.</summary>
    public CellInput For(JupyterMessage execute) => execute.Content["allow_stdin"]?.GetValue<bool>() == true
        ? (question, interrupt) => AskAsync(execute, question, interrupt)
        : static (_, _) => throw new InvalidOperationException("cannot ask for input: this front end does not allow it (allow_stdin is false)");

    /// <summary>An input_reply. One that nobody waits for, as its cell was interrupted, is dropped.</summary>
    public void Receive(JupyterMessage reply)
    {
        if (reply.Type == "input_reply")
            Volatile.Read(ref _answer)?.TrySetResult(reply.Content["value"]?.GetValue<string>() ?? "");
    }

    async Task<string> AskAsync(JupyterMessage execute, CellQuestion question, CancellationToken interrupt)
    {
        await _turn.WaitAsync(interrupt).ConfigureAwait(false);
        try
        {
            var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _answer, answer);
            ask(execute, new JsonObject { ["prompt"] = question.Prompt, ["password"] = question.IsPassword });
            return await answer.Task.WaitAsync(interrupt).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _answer, null);
            _turn.Release();
        }
    }
}
