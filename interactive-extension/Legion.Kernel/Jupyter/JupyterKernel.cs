using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;

namespace Legion.Kernel.Jupyter;

/// <summary>Answers Jupyter's requests from a session: shell requests in turn, control requests and those of live cells at once.</summary>
sealed class JupyterKernel
{
    // Jupyter kills a kernel that takes five seconds to shut down.
    static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    readonly Channel<JupyterMessage> _requests = Channel.CreateUnbounded<JupyterMessage>(new() { SingleReader = true });
    readonly string _sessionId = Guid.NewGuid().ToString();
    readonly Lock _cellLock = new();
    readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly JupyterSockets _sockets;
    readonly JupyterOutputs _outputs;
    readonly JupyterStdin _stdin;
    readonly JupyterHistory _history = new();
    readonly CellComms _comms;
    readonly Session _session;
    CancellationTokenSource? _cell;
    JupyterMessage? _executing;

    /// <param name="moduleFiles">File names of the cells' modules in the kernelspec's folder, by module.</param>
    public JupyterKernel(ConnectionFile connection, Session session, IReadOnlyDictionary<string, string> moduleFiles)
    {
        _session = session;
        _comms = new CellComms(Publish);
        _sockets = new JupyterSockets(connection, Receive, refused: problem => Console.Error.WriteLine($"legion kernel: {problem}"));
        _outputs = new JupyterOutputs((request, type, content) => Publish(request, type, content), new JupyterMarkup(moduleFiles, _comms.Show));
        _stdin = new JupyterStdin((request, content) => Reply(JupyterChannel.Stdin, request, "input_request", content));
    }

    /// <summary>Serves until a shutdown request or the token; then everything sent has left.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using (_sockets)
        {
            _sockets.Start();
            var answering = AnswerAllAsync();
            await using (stop.UnsafeRegister(static state => ((JupyterKernel)state!).BeginShutdown(), this))
                await _shutdown.Task.ConfigureAwait(false);
            // A cell inside native code cannot be stopped; the process ends without it.
            await Task.WhenAny(answering, Task.Delay(StopTime, CancellationToken.None)).ConfigureAwait(false);
            _sockets.Stop();
        }
    }

    void Receive(JupyterChannel channel, JupyterMessage request)
    {
        if (channel == JupyterChannel.Shell)
        {
            // A cell that is looked at is not kept waiting by one that runs.
            if (CellComms.Takes(request.Type))
                _ = ReceiveOfCellAsync(request);
            else if (request.Type == "comm_info_request")
                ReplyToCommInfo(request);
            else
                _requests.Writer.TryWrite(request);
            return;
        }
        if (channel == JupyterChannel.Stdin)
        {
            _stdin.Receive(request);
            return;
        }
        PublishStatus(request, "busy");
        switch (request.Type)
        {
            case "interrupt_request":
                Interrupt();
                Reply(JupyterChannel.Control, request, "interrupt_reply", Ok());
                break;
            case "shutdown_request":
                Reply(JupyterChannel.Control, request, "shutdown_reply", ShutdownReply(request));
                break;
            case "kernel_info_request":
                Reply(JupyterChannel.Control, request, "kernel_info_reply", KernelInfo.Reply());
                break;
        }
        PublishStatus(request, "idle");
        if (request.Type == "shutdown_request")
            BeginShutdown();
    }

    async Task ReceiveOfCellAsync(JupyterMessage request)
    {
        PublishStatus(request, "busy");
        try
        {
            await _comms.ReceiveAsync(request).ConfigureAwait(false);
        }
        finally
        {
            PublishIdleBesideCell(request);
        }
    }

    void ReplyToCommInfo(JupyterMessage request)
    {
        PublishStatus(request, "busy");
        Reply(JupyterChannel.Shell, request, "comm_info_reply", With(Ok(), "comms", _comms.Info(request.Content)));
        PublishIdleBesideCell(request);
    }

    // Front ends show one state of the kernel, which is that of the cell that runs.
    void PublishIdleBesideCell(JupyterMessage request)
    {
        lock (_cellLock)
        {
            PublishStatus(request, "idle");
            if (_executing is not null)
                PublishStatus(_executing, "busy");
        }
    }

    async Task AnswerAllAsync()
    {
        await foreach (var request in _requests.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            PublishStatus(request, "busy");
            try
            {
                await AnswerAsync(request).ConfigureAwait(false);
            }
            catch (Exception e) // The border of a request: completion and hover run the compiler on half-written code.
            {
                Console.Error.WriteLine($"legion kernel: cannot answer {request.Type}: {e}");
                Reply(JupyterChannel.Shell, request, request.Type.Replace("_request", "_reply"), Failed(e));
            }
            PublishStatus(request, "idle");
        }
    }

    async Task AnswerAsync(JupyterMessage request)
    {
        var content = request.Content;
        switch (request.Type)
        {
            case "kernel_info_request":
                Reply(JupyterChannel.Shell, request, "kernel_info_reply", KernelInfo.Reply());
                break;
            case "execute_request":
                await ExecuteAsync(request).ConfigureAwait(false);
                break;
            case "complete_request":
                Reply(JupyterChannel.Shell, request, "complete_reply", await CompleteAsync(content).ConfigureAwait(false));
                break;
            case "inspect_request":
                Reply(JupyterChannel.Shell, request, "inspect_reply", await InspectAsync(content).ConfigureAwait(false));
                break;
            case "is_complete_request":
                var status = Session.IsComplete(Text(content, "code")).ToString().ToLowerInvariant();
                Reply(JupyterChannel.Shell, request, "is_complete_reply", new JsonObject { ["status"] = status, ["indent"] = "" });
                break;
            case "history_request":
                Reply(JupyterChannel.Shell, request, "history_reply", With(Ok(), "history", _history.Find(content)));
                break;
            case "shutdown_request":
                Reply(JupyterChannel.Shell, request, "shutdown_reply", ShutdownReply(request));
                BeginShutdown();
                break;
        }
    }

    async Task ExecuteAsync(JupyterMessage request)
    {
        var code = Text(request.Content, "code");
        using var cell = new CancellationTokenSource();
        lock (_cellLock)
        {
            if (_shutdown.Task.IsCompleted)
                return;
            _cell = cell;
            _executing = request;
        }
        var silent = request.Content["silent"]?.GetValue<bool>() == true;
        var isCounted = !silent && request.Content["store_history"]?.GetValue<bool>() != false;
        var selectionsBefore = _comms.Selections;
        CellResult result;
        string? value = null;
        var expressions = new JsonObject();
        try
        {
            if (!silent)
                Publish(request, "execute_input", new JsonObject { ["code"] = code, ["execution_count"] = _session.ExecutionCount + (isCounted ? 1 : 0) });
            result = await _session.ExecuteAsync(code, output =>
            {
                if (output is ResultOutput last)
                    value = last.Data[MimeBundle.Plain];
                if (!silent)
                    _outputs.Publish(request, output, _session.ExecutionCount);
            }, cell.Token, new() { IsCounted = isCounted, Input = _stdin.For(request) }).ConfigureAwait(false);
            if (result.Error is null && request.Content["user_expressions"] is JsonObject asked)
                foreach (var (name, expression) in asked)
                    expressions[name] = await EvaluateAsync(expression?.GetValue<string>() ?? "", cell.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_cellLock)
            {
                _cell = null;
                _executing = null;
            }
        }

        if (isCounted)
            _history.Add(result.ExecutionCount, code, value);
        _comms.Ran(request.Id, selectionsBefore, result.SelectionsRead);
        if (result.Error is null)
        {
            Reply(JupyterChannel.Shell, request, "execute_reply", With(With(With(Ok(),
                "execution_count", result.ExecutionCount), "user_expressions", expressions), "payload", new JsonArray()));
            return;
        }
        Reply(JupyterChannel.Shell, request, "execute_reply",
            With(With(JupyterOutputs.Error(result.Error), "status", "error"), "execution_count", result.ExecutionCount));
        if (request.Content["stop_on_error"]?.GetValue<bool>() != false)
            AbortQueuedCells();
    }

    async Task<JsonObject> EvaluateAsync(string expression, CancellationToken interrupt)
    {
        var data = MimeBundle.Text("");
        var result = await _session.ExecuteAsync(expression, output => data = (output as ResultOutput)?.Data ?? data, interrupt, new() { IsCounted = false }).ConfigureAwait(false);
        return result.Error is { } error
            ? With(JupyterOutputs.Error(error), "status", "error")
            : With(With(Ok(), "data", JupyterOutputs.Data(data)), "metadata", new JsonObject());
    }

    // "Run all" sends every cell at once; those behind a failed one do not run.
    void AbortQueuedCells()
    {
        var others = new List<JupyterMessage>();
        while (_requests.Reader.TryRead(out var queued))
            if (queued.Type == "execute_request")
            {
                PublishStatus(queued, "busy");
                Reply(JupyterChannel.Shell, queued, "execute_reply", new JsonObject { ["status"] = "aborted" });
                PublishStatus(queued, "idle");
            }
            else
                others.Add(queued);
        foreach (var other in others)
            _requests.Writer.TryWrite(other);
    }

    async Task<JsonObject> CompleteAsync(JsonObject content)
    {
        var code = Text(content, "code");
        var found = await _session.CompleteAsync(code, CodePoints.ToIndex(code, Number(content, "cursor_pos"))).ConfigureAwait(false);
        var reply = Ok();
        reply["matches"] = new JsonArray([.. found.Matches.Select(match => (JsonNode)match)]);
        var (start, end) = (CodePoints.FromIndex(code, found.Start), CodePoints.FromIndex(code, found.End));
        reply["cursor_start"] = start;
        reply["cursor_end"] = end;
        reply["metadata"] = new JsonObject
        {
            ["_jupyter_types_experimental"] = new JsonArray([.. found.Items.Select(item =>
                (JsonNode)new JsonObject { ["text"] = item.Text, ["type"] = item.Kind, ["start"] = start, ["end"] = end })]),
        };
        return reply;
    }

    async Task<JsonObject> InspectAsync(JsonObject content)
    {
        var code = Text(content, "code");
        var text = await _session.InspectAsync(code, CodePoints.ToIndex(code, Number(content, "cursor_pos"))).ConfigureAwait(false);
        var reply = Ok();
        reply["found"] = text is not null;
        reply["data"] = text is null ? new JsonObject() : new JsonObject { ["text/plain"] = text };
        reply["metadata"] = new JsonObject();
        return reply;
    }

    void Interrupt()
    {
        lock (_cellLock)
            _cell?.CancelAsync();
    }

    void BeginShutdown()
    {
        lock (_cellLock)
        {
            _shutdown.TrySetResult();
            _cell?.CancelAsync();
        }
        _comms.Close();
        _requests.Writer.TryComplete();
    }

    void PublishStatus(JupyterMessage request, string state) =>
        Publish(request, "status", new JsonObject { ["execution_state"] = state });

    void Publish(JupyterMessage request, string type, JsonObject content, IReadOnlyList<ReadOnlyMemory<byte>>? buffers = null) =>
        _sockets.Send(JupyterChannel.IoPub, Answer(request, [Encoding.UTF8.GetBytes($"kernel.{_sessionId}.{type}")], type, content) with { Buffers = buffers ?? [] });

    void Reply(JupyterChannel channel, JupyterMessage request, string type, JsonObject content) =>
        _sockets.Send(channel, Answer(request, request.Identities, type, content));

    JupyterMessage Answer(JupyterMessage request, IReadOnlyList<byte[]> identities, string type, JsonObject content) => new()
    {
        Identities = identities,
        Header = JupyterMessage.NewHeader(type, _sessionId),
        Parent = request.Header,
        Content = content,
    };

    static JsonObject ShutdownReply(JupyterMessage request) =>
        With(Ok(), "restart", request.Content["restart"]?.GetValue<bool>() == true);

    static JsonObject Failed(Exception e) =>
        new() { ["status"] = "error", ["ename"] = e.GetType().Name, ["evalue"] = e.Message, ["traceback"] = new JsonArray() };

    static JsonObject Ok() => new() { ["status"] = "ok" };

    static JsonObject With(JsonObject content, string key, JsonNode value)
    {
        content[key] = value;
        return content;
    }

    static string Text(JsonObject content, string key) => content[key]?.GetValue<string>() ?? "";

    static int Number(JsonObject content, string key) => content[key]?.GetValue<int>() ?? 0;
}
