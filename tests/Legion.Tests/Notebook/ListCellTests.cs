using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Format;
using Legion.Notebook;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>What the cells of logs and of processes ask and tell.</summary>
public sealed class ListCellTests : IAsyncLifetime
{
    const int Lines = 700;
    const long StartNs = 1767225600_000_000_000;

    readonly TestLake _lake = new();
    readonly EventScript _script = EventScript.Parse("start 2026-01-01T00:00:00Z\n" + string.Concat(Enumerable.Range(0, Lines)
        .Select(line => $"log {1_000_000 * (line + 1)} {(line % 10 == 0 ? "warn" : "info")} main \"<b>line {line}</b>\"\n")));

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _script.DeliverAsync(_lake, () => Task.CompletedTask);

    public ValueTask DisposeAsync()
    {
        _lake.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ALogHasAllItsLinesInTheCell()
    {
        var log = await new NotebookLake(_lake.Lake).LogsAsync(_script.ProcessId, new LogQuery { Limit = 3 }, Cancel);
        Assert.Equal((3, true), (log.Count, log.HasMore));
        Assert.Equal("logs", (string?)JsonNode.Parse(((ILiveResult)log).AskingCell())!["module"]);

        Assert.Equal((Lines, $"""["{StartNs + 600_000_000}","info","main","Test","\u003Cb\u003Eline 599\u003C/b\u003E"]"""), await PageAsync(log, 599, 1, ""));
        Assert.Equal((Lines, "[]"), (Lines, (await AskAsync(log, "lines", Lines, 5, "")).Json["lines"]!.ToJsonString()));
        var (total, first) = await PageAsync(log, 0, 1, "LINE 69");
        Assert.Equal(11, total);
        Assert.Contains("line 69", first);

        var warnings = await new NotebookLake(_lake.Lake).LogsAsync(_script.ProcessId, new LogQuery { Level = Level.Warn, Grep = "line 1", Range = new(null, StartNs + 200_000_000) }, Cancel);
        Assert.Equal(warnings.Count, (await PageAsync(warnings, 0, 1, "")).Total);
    }

    /// <summary>Rows keep their numbers while the process goes on.</summary>
    [Fact]
    public async Task ALogStaysAsItWasFirstAskedFor()
    {
        var script = EventScript.Parse("start 2026-01-01T00:00:00Z\nlog 1000000 info main early\nlog cut\nlog 2000000 info main late\nlog cut late\n");
        var log = default(LogView);
        await script.DeliverAsync(_lake, async () => log = await new NotebookLake(_lake.Lake).LogsAsync(script.ProcessId, cancel: Cancel));
        Assert.NotNull(log);
        Assert.Equal(log.Count, (await PageAsync(log, 0, 1, "")).Total);
    }

    [Fact]
    public async Task SelectedLinesAreARangeOfTime()
    {
        var log = await new NotebookLake(_lake.Lake).LogsAsync(_script.ProcessId, new LogQuery { Limit = 3 }, Cancel);
        var all = new TimeRange(StartNs + 1_000_000, StartNs + 3_000_000);
        Assert.Equal(all, log.Selection);
        Select(log, new JsonObject { ["begin_ns"] = "5", ["end_ns"] = "7" });
        Assert.Equal(new TimeRange(5, 7), log.Selection);
        Assert.Equal("expected a selection that ends after its begin, saw 7 to 5", Assert.Throws<FormatException>(() => Select(log, new JsonObject { ["begin_ns"] = "7", ["end_ns"] = "5" })).Message);
        Select(log, null);
        Assert.Equal(all, log.Selection);
    }

    [Fact]
    public async Task ASelectedProcessStandsForItsList()
    {
        var newer = EventScript.Parse("start 2026-01-02T00:00:00Z\nlog 1000000 info main other\n");
        await newer.DeliverAsync(_lake, () => Task.CompletedTask);
        var list = await new NotebookLake(_lake.Lake).ProcessesAsync(cancel: Cancel);
        Assert.Equal(newer.ProcessId, list.Selection.ProcessId);
        var answer = await AskAsync(list, "processes", 0, 10, _script.ProcessId.ToString().ToUpperInvariant());
        Assert.Equal((1, _script.ProcessId.ToString()), ((int)answer.Json["total"]!, (string?)Assert.Single(answer.Json["processes"]!.AsArray())!["process_id"]));
        Assert.Equal(2, (int)(await AskAsync(list, "processes", 1, 10, "")).Json["total"]!);

        Select(list, new JsonObject { ["process_id"] = _script.ProcessId.ToString() });
        Assert.Equal(_script.ProcessId, list.Selection.ProcessId);
        Assert.StartsWith("expected a process of this list, saw '", Assert.Throws<FormatException>(() => Select(list, new JsonObject { ["process_id"] = Guid.NewGuid().ToString() })).Message);
        Select(list, null);
        Assert.Equal(newer.ProcessId, list.Selection.ProcessId);
    }

    static void Select(ILiveResult result, JsonNode? selection) => result.Select(JsonSerializer.SerializeToElement(selection));

    static async Task<(int Total, string First)> PageAsync(ILiveResult log, int from, int count, string text)
    {
        var answer = await AskAsync(log, "lines", from, count, text);
        return ((int)answer.Json["total"]!, answer.Json["lines"]![0]!.ToJsonString());
    }

    /// <summary>The answer as a cell reads it.</summary>
    static async Task<LiveAnswer> AskAsync(ILiveResult result, string what, int from, int count, string text)
    {
        var question = new JsonObject { [what] = new JsonObject { ["from"] = from, ["count"] = count, ["text"] = text } };
        var answer = await result.AnswerAsync(JsonSerializer.SerializeToElement(question), Cancel);
        return answer with { Json = JsonNode.Parse(answer.Json.ToJsonString())!.AsObject() };
    }
}
