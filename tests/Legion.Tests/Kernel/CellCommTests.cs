using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Legion.Notebook;
using Legion.Notebook.Grammar;

namespace Legion.Tests.Kernel;

/// <summary>Live cells that ask the kernel, as a front end sends it.</summary>
public sealed class CellCommTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly AskedResult _result = new();
    readonly KernelClient _client;
    Func<Task> _onRead = () => Task.CompletedTask;

    public CellCommTests() =>
        _client = new(new Magics().Bind("processes", (_, _, _) => Task.FromResult<object?>(_result)).Bind("status", async (_, _, _) =>
        {
            SelectionReads.Add(_result);
            await _onRead();
            return null;
        }), "asked");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task ACellAsksWhileAnotherRuns()
    {
        var cell = Show();
        Open("c", cell);
        Assert.Equal("""{"open":true,"selected":null}""", Told("comm_msg", "c").ToJsonString());
        var running = _client.Ask("execute_request", new() { ["code"] = "Console.WriteLine(\"go\"); while (true) { }" });
        while (_client.Published() is var (type, _, parent) && !(type == "stream" && parent == running))
        {
        }

        Send("c", """{"ask": 1, "question": {"double": [3, 250]}}""");
        var (_, answer, buffers) = _client.PublishedToCell();
        Assert.Equal("""{"answer":1,"json":{"of":2}}""", answer["data"]!.ToJsonString());
        Assert.Equal([[3, 3], [250, 250]], buffers);
        // The kernel shows as idle for the question, and still as busy with the cell.
        Assert.Equal(("idle", "busy"), ((string?)_client.Published().Content["execution_state"], (string?)_client.Published().Content["execution_state"]));

        Send("c", """{"ask": 2, "question": {"nonsense": 1}}""");
        Assert.Equal("""{"answer":2,"problem":"expected double in what the cell sent"}""", Told("comm_msg", "c").ToJsonString());

        Send("c", """{"select": {"n": "7"}}""");
        Send("c", """{"select": {"n": "x"}}""");
        Assert.Equal("""{"problem":"expected a decimal number as n, saw \u0027x\u0027"}""", Told("comm_msg", "c").ToJsonString());
        Assert.Equal(7, _result.Selected);
        // As after the page was loaded again.
        Open("again", cell);
        Assert.Equal("""{"open":true,"selected":{"n":"7"}}""", Told("comm_msg", "again").ToJsonString());
        Send("c", """{"select": null}""");
        Send("c", """{"ask": 3, "question": {"double": []}}""");
        Assert.Equal(3, (int?)Told("comm_msg", "c")["answer"]);
        Assert.Null(_result.Selected);

        _client.Command("interrupt_request", []);
        Assert.Equal("Interrupted", _client.Reply().Content["ename"]!.GetValue<string>());
        await ShutDownAsync();
    }

    [Fact]
    public async Task AQuestionIsTakenBackByItsCellOrWithIt()
    {
        Open("c", Show());
        Told("comm_msg", "c");
        Send("c", """{"ask": 1, "question": {"wait": true}}""");
        await _result.Waiting.Reader.ReadAsync(Cancel);
        Send("c", """{"ask": 2, "question": {"wait": true}}""");
        await _result.Waiting.Reader.ReadAsync(Cancel);
        Send("c", """{"cancel": 1}""");
        Assert.Equal(1, await _result.GivenUp.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));
        _client.Ask("comm_close", new() { ["comm_id"] = "c", ["data"] = new JsonObject() });
        Assert.Equal(2, await _result.GivenUp.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));
        await ShutDownAsync();
    }

    [Fact]
    public async Task WhatTheKernelDoesNotKnowIsClosed()
    {
        const string Unknown = """{"problem":"this kernel does not know the cell: run it again"}""";
        var cell = Show();
        Open("c", "legion-of-another-kernel");
        Assert.Equal(Unknown, Told("comm_close", "c").ToJsonString());
        Send("d", """{"ask": 1, "question": {}}""");
        Assert.Equal(Unknown, Told("comm_close", "d").ToJsonString());
        _client.Ask("comm_open", new() { ["comm_id"] = "e", ["target_name"] = "jupyter.widget", ["data"] = new JsonObject { ["cell"] = cell } });
        Assert.Equal(Unknown, Told("comm_close", "e").ToJsonString());

        Open("f", cell);
        Told("comm_msg", "f");
        foreach (var (target, comms) in new[] { ("legion.cell", """{"f":{"target_name":"legion.cell"}}"""), ("other", "{}") })
        {
            _client.Ask("comm_info_request", new() { ["target_name"] = target });
            Assert.Equal(comms, _client.Reply().Content["comms"]!.ToJsonString());
        }

        // 32 results stay: those shown or asked last.
        for (var others = 0; others < 32; others++)
            Show();
        Send("f", """{"ask": 1, "question": {"double": []}}""");
        Assert.Equal(Unknown, Told("comm_close", "f").ToJsonString());
        _client.Ask("comm_info_request", []);
        Assert.Equal("{}", _client.Reply().Content["comms"]!.ToJsonString());
        await ShutDownAsync();
    }

    [Fact]
    public async Task CellsThatUsedWhatWasSelectedAreNamedOnce()
    {
        Open("c", Show());
        Told("comm_msg", "c");
        string[] readers = [Run("#!legion status"), Run("#!legion status")];
        Run("1");
        Send("c", """{"select": {"n": "7"}}""");
        Assert.Equal(readers, Told("comm_msg", "c")["stale"]!.AsArray().Select(reader => (string?)reader));
        Send("c", """{"select": {"n": "8"}}""");
        // A cell that shows the result anew has its selection from before nobody.
        Run("#!legion status\n#!legion processes");
        Send("c", """{"select": {"n": "9"}}""");
        Send("c", """{"ask": 1, "question": {"double": []}}""");
        Assert.Equal(1, (int?)Told("comm_msg", "c")["answer"]);
        await ShutDownAsync();
    }

    [Fact]
    public async Task WhatIsSelectedWhileACellRunsMakesItOutOfDate()
    {
        Open("c", Show());
        Told("comm_msg", "c");
        var (reading, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _onRead = () =>
        {
            reading.SetResult();
            return goOn.Task;
        };
        var reader = _client.Ask("execute_request", new() { ["code"] = "#!legion status" });
        await reading.Task.WaitAsync(Patience, Cancel);
        Send("c", """{"select": {"n": "7"}}""");
        Send("c", """{"ask": 1, "question": {"double": []}}""");
        Assert.Equal(1, (int?)Told("comm_msg", "c")["answer"]);
        goOn.SetResult();
        Assert.Equal(reader, (string?)Assert.Single(Told("comm_msg", "c")["stale"]!.AsArray()));
        Assert.Equal("ok", _client.Reply().Content["status"]!.GetValue<string>());
        await ShutDownAsync();
    }

    string Run(string code)
    {
        var execute = _client.Ask("execute_request", new() { ["code"] = code });
        Assert.Equal("ok", _client.Reply().Content["status"]!.GetValue<string>());
        _ = _client.PublishedFor(execute).ToList();
        return execute;
    }

    /// <returns>The id under which the result was shown.</returns>
    string Show()
    {
        var execute = _client.Ask("execute_request", new() { ["code"] = "#!legion processes" });
        Assert.Equal("ok", _client.Reply().Content["status"]!.GetValue<string>());
        var html = (string)_client.PublishedFor(execute).Single(message => message.Type == "display_data").Content["data"]!["text/html"]!;
        Assert.Contains("\"few\"", html);
        return Regex.Match(html, "^<div id=\"(legion-[0-9a-f]{32})\">").Groups[1].Value;
    }

    void Open(string comm, string cell) =>
        _client.Ask("comm_open", new() { ["comm_id"] = comm, ["target_name"] = "legion.cell", ["data"] = new JsonObject { ["cell"] = cell } });

    void Send(string comm, string data) => _client.Ask("comm_msg", new() { ["comm_id"] = comm, ["data"] = JsonNode.Parse(data) });

    JsonNode Told(string type, string comm)
    {
        var (seen, content, _) = _client.PublishedToCell();
        Assert.Equal((type, comm), (seen, (string?)content["comm_id"]));
        return content["data"]!;
    }

    async Task ShutDownAsync()
    {
        _client.Command("shutdown_request", []);
        await _client.Kernel.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    /// <summary>Doubles bytes, keeps a number as its selection, and waits until nobody wants the answer.</summary>
    sealed class AskedResult : ILiveResult
    {
        int _waits;

        public long? Selected { get; private set; }

        public Channel<int> Waiting { get; } = Channel.CreateUnbounded<int>();

        public Channel<int> GivenUp { get; } = Channel.CreateUnbounded<int>();

        public string AskingCell() => """{"module": "asked", "model": {"size": "few"}}""";

        public void Select(JsonElement selection) => Selected = selection.ValueKind == JsonValueKind.Null ? null : new CellMessage(selection).Long("n");

        public async Task<LiveAnswer> AnswerAsync(JsonElement question, CancellationToken cancel)
        {
            if (new CellMessage(question).Has("wait"))
            {
                var number = Interlocked.Increment(ref _waits);
                var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (cancel.Register(givenUp.SetResult))
                {
                    Waiting.Writer.TryWrite(number);
                    await givenUp.Task;
                }
                GivenUp.Writer.TryWrite(number);
                cancel.ThrowIfCancellationRequested();
            }
            if (!new CellMessage(question).Has("double"))
                throw new FormatException("expected double in what the cell sent");
            var bytes = question.GetProperty("double").EnumerateArray().Select(item => item.GetByte()).ToList();
            return new(new JsonObject { ["of"] = bytes.Count }, bytes.Select(value => (ReadOnlyMemory<byte>)new byte[] { value, value }).ToList());
        }
    }
}
