using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Notebook;

namespace Legion.Kernel.Jupyter;

/// <summary>
/// The comms of live cells. A cell opens one with <c>{"cell": id}</c> and is told <c>{"open": true, "selected": {...}}</c> or null, as a page
/// that is loaded again does not know what was selected before; it asks
/// <c>{"ask": 7, "question": {...}}</c> and is told <c>{"answer": 7, "json": {...}}</c> with buffers, or <c>{"answer": 7, "problem": "..."}</c>;
/// it takes a question back with <c>{"cancel": 7}</c>, and tells what is selected with <c>{"select": {...}}</c>. Where cells have used what was selected
/// before, it is told <c>{"stale": ["...", ...]}</c>: the ids of the messages that ran them.
/// What this kernel knows nothing of, as after a restart, is closed with <c>{"problem": "..."}</c>.
/// </summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages</remarks>
sealed class CellComms(CellComms.Publish publish)
{
    public const string Target = "legion.cell";

    // Pages that were closed or loaded anew say no goodbye.
    const int MostComms = 256;

    // Each may hold tiles of some megabytes.
    const int MostResults = 32;

    // Of one result; a cell that is run again and again is one more each time.
    const int MostReaders = 64;

    const string Unknown = "this kernel does not know the cell: run it again";

    public delegate void Publish(JupyterMessage parent, string type, JsonObject content, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    readonly RecentlyUsed<ShownResult> _results = new(MostResults);
    readonly RecentlyUsed<CellComm> _comms = new(MostComms);

    readonly Lock _readersLock = new();
    readonly HashSet<ILiveResult> _justShown = new(ReferenceEqualityComparer.Instance);
    long _selections;

    sealed class ShownResult(ILiveResult result)
    {
        public ILiveResult Result { get; } = result;

        /// <summary>Ids of the messages whose cells have used its selection as it is now, in their order.</summary>
        public Queue<string> Readers { get; } = new();

        /// <summary>What told the last selection; null: nothing has.</summary>
        public (JupyterMessage Message, string Comm, long Number)? Selection { get; set; }

        /// <summary>As the cell sent it; null: nothing. Used on the sockets' thread alone.</summary>
        public JsonNode? Selected { get; set; }
    }

    public static bool Takes(string messageType) => messageType is "comm_open" or "comm_msg" or "comm_close";

    /// <summary>From here on cells with this id may ask. The 32 results stay that were shown or asked last.</summary>
    public void Show(string cell, ILiveResult result)
    {
        _results.Put(cell, new(result));
        lock (_readersLock)
            _justShown.Add(result);
    }

    /// <summary>How many selections there have been: what <see cref="Ran"/> is told when the cell began.</summary>
    public long Selections
    {
        get
        {
            lock (_readersLock)
                return _selections;
        }
    }

    /// <summary>
    /// A cell has run that used selections. Of those it made itself there is nothing to say: run again, it makes others.
    /// What was selected while it ran came too late for it, or perhaps not: it counts as out of date.
    /// </summary>
    /// <param name="message">That ran it.</param>
    /// <param name="selectionsBefore">As it began.</param>
    public void Ran(string message, long selectionsBefore, IReadOnlyCollection<ILiveResult> selectionsRead)
    {
        var late = new List<(JupyterMessage Message, string Comm, long Number)>();
        lock (_readersLock)
        {
            foreach (var (_, shown) in _results.All)
            {
                if (_justShown.Contains(shown.Result) || !selectionsRead.Contains(shown.Result))
                    continue;
                if (shown.Selection is { } selection && selection.Number > selectionsBefore)
                {
                    late.Add(selection);
                    continue;
                }
                shown.Readers.Enqueue(message);
                if (shown.Readers.Count > MostReaders)
                    shown.Readers.Dequeue();
            }
            _justShown.Clear();
        }
        foreach (var (parent, comm, _) in late)
            SendStale(parent, comm, [message]);
    }

    /// <summary>The comms that a <c>comm_info_request</c> asks for: of the target that it names, or of all.</summary>
    public JsonObject Info(JsonObject request)
    {
        var comms = new JsonObject();
        if (Text(request["target_name"]) is null or "" or Target)
            foreach (var (id, _) in _comms.All)
                comms[id] = new JsonObject { ["target_name"] = Target };
        return comms;
    }

    /// <summary>Called on the sockets' thread, which questions do not hold up.</summary>
    /// <returns>Ends when everything that answers the message has been put out.</returns>
    public Task ReceiveAsync(JupyterMessage message)
    {
        var id = Text(message.Content["comm_id"]) ?? "";
        var data = message.Content["data"] as JsonObject ?? [];
        switch (message.Type)
        {
            case "comm_open":
                Open(message, id, data);
                return Task.CompletedTask;
            case "comm_close":
                _comms.Remove(id)?.Close();
                return Task.CompletedTask;
            default:
                if (_comms.Find(id) is not { } comm)
                    Close(message, id);
                else if (_results.Find(comm.Cell) is not { } shown)
                    Close(message, id);
                else
                    return ReceiveAsync(message, comm, shown, data);
                return Task.CompletedTask;
        }
    }

    /// <summary>Takes back every question.</summary>
    public void Close()
    {
        foreach (var (_, comm) in _comms.All)
            comm.Close();
    }

    void Open(JupyterMessage message, string id, JsonObject data)
    {
        if (Text(message.Content["target_name"]) != Target || Text(data["cell"]) is not { } cell || _results.Find(cell) is not { } shown)
        {
            Close(message, id);
            return;
        }
        _comms.Put(id, new CellComm(id, cell))?.Close();
        Send(message, id, new JsonObject { ["open"] = true, ["selected"] = shown.Selected?.DeepClone() });
    }

    Task ReceiveAsync(JupyterMessage message, CellComm comm, ShownResult shown, JsonObject data)
    {
        if (Number(data["ask"]) is { } question)
        {
            // The token before the thread, so that a message which takes the question back finds it.
            var cancel = comm.Begin(question);
            return Task.Run(() => AnswerAsync(message, comm, shown.Result, question, Element(data["question"]), cancel), CancellationToken.None);
        }
        if (Number(data["cancel"]) is { } withdrawn)
            comm.Cancel(withdrawn);
        else if (data.ContainsKey("select"))
            Select(message, comm, shown, data["select"]);
        return Task.CompletedTask;
    }

    void Select(JupyterMessage message, CellComm comm, ShownResult shown, JsonNode? selection)
    {
        try
        {
            shown.Result.Select(Element(selection));
            shown.Selected = selection;
            if (TakeReaders(message, comm, shown) is { Length: > 0 } readers)
                SendStale(message, comm.Id, readers);
        }
        catch (Exception e) // The border of a cell's message: results may be the user's own.
        {
            Send(message, comm.Id, new JsonObject { ["problem"] = e.Message });
        }
    }

    string[] TakeReaders(JupyterMessage message, CellComm comm, ShownResult shown)
    {
        lock (_readersLock)
        {
            shown.Selection = (message, comm.Id, ++_selections);
            string[] readers = [.. shown.Readers];
            shown.Readers.Clear();
            return readers;
        }
    }

    void SendStale(JupyterMessage message, string comm, IReadOnlyList<string> readers) =>
        Send(message, comm, new JsonObject { ["stale"] = new JsonArray([.. readers.Select(reader => (JsonNode)reader)]) });

    async Task AnswerAsync(JupyterMessage message, CellComm comm, ILiveResult result, long question, JsonElement asked, CancellationToken cancel)
    {
        try
        {
            var answer = await result.AnswerAsync(asked, cancel).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            Send(message, comm.Id, new JsonObject { ["answer"] = question, ["json"] = answer.Json }, answer.Buffers);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Nobody waits for it.
        }
        catch (Exception e) // The border of a cell's message.
        {
            Send(message, comm.Id, new JsonObject { ["answer"] = question, ["problem"] = e.Message });
        }
        finally
        {
            comm.End(question);
        }
    }

    void Close(JupyterMessage message, string id)
    {
        _comms.Remove(id)?.Close();
        publish(message, "comm_close", new JsonObject { ["comm_id"] = id, ["data"] = new JsonObject { ["problem"] = Unknown } }, []);
    }

    void Send(JupyterMessage message, string id, JsonObject data, IReadOnlyList<ReadOnlyMemory<byte>>? buffers = null) =>
        publish(message, "comm_msg", new JsonObject { ["comm_id"] = id, ["data"] = data }, buffers ?? []);

    static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
