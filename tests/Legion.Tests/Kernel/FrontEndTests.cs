using System.Text.Json.Nodes;

namespace Legion.Tests.Kernel;

/// <summary>The installed kernel under Jupyter's own client (front_end.py).</summary>
public sealed class FrontEndTests(InstalledKernel kernel, ITestOutputHelper output) : IClassFixture<InstalledKernel>
{
    [Fact]
    public async Task CellsAskAndAreAnswered()
    {
        var seen = await kernel.RunAsync("input");
        var answered = seen["answered"]!;
        Assert.Equal("ok", (string?)answered["reply"]!["status"]);
        Assert.Equal("Åsa 😀secret", Result(answered));
        Assert.Equal(
            [("name: ", false), ("token: ", true)],
            answered["questions"]!.AsArray().Select(question => ((string)question!["prompt"]!, (bool)question["password"]!)));
        Assert.Equal("read", Result(seen["line"]!));
        Assert.Equal("cannot ask for input: this front end does not allow it (allow_stdin is false)", (string?)seen["refused"]!["reply"]!["evalue"]);
        Assert.Equal("Interrupted", (string?)seen["interrupted"]!["reply"]!["ename"]);
        Assert.Equal("Åsa 😀", Result(seen["after"]!));
    }

    [Fact]
    public async Task AnInterruptEndsTheCellAndSaysWhatItCouldNotEnd()
    {
        var seen = await kernel.RunAsync("interrupt");
        Assert.Equal("the cell was interrupted", (string?)seen["loop"]!["reply"]!["evalue"]);
        Assert.Equal(
            "the cell was interrupted, but what it called cannot be stopped and still runs: restart the kernel to end it",
            (string?)seen["library"]!["reply"]!["evalue"]);
        Assert.Equal("2", Result(seen["after"]!));
    }

    [Fact]
    public async Task ARestartForgetsAndIsQuick()
    {
        var seen = await kernel.RunAsync("restart");
        output.WriteLine($"restarted in {(double)seen["seconds"]!:0.00} s");
        // Less than 2 on a machine that does nothing else.
        Assert.InRange((double)seen["seconds"]!, 0, 20);
        Assert.Equal("CompilationError", (string?)seen["after"]!["reply"]!["ename"]);
        Assert.Equal(2, (int?)seen["count"]!["reply"]!["execution_count"]);
    }

    [Fact]
    public async Task TextOfAThreadArrivesWhileTheCellRuns()
    {
        var seen = await kernel.RunAsync("stream");
        Assert.Equal("from a thread\n", string.Concat(seen["texts"]!.AsArray().Select(text => (string?)text)));
        Assert.Equal("seen", Result(seen["cell"]!));
    }

    [Fact]
    public async Task ErrorsHaveLineAndColumn()
    {
        var seen = await kernel.RunAsync("error");
        var compiled = seen["compiled"]!["outputs"]!.AsArray().Single(message => (string?)message!["type"] == "error")!;
        Assert.Equal("CompilationError", (string?)compiled["ename"]);
        Assert.Equal(["(2,3): CS0103: The name 'nope' does not exist in the current context", "  nope", "  ^"], compiled["traceback"]!.AsArray().Select(line => (string?)line));
        Assert.Equal("System.DivideByZeroException", (string?)seen["thrown"]!["reply"]!["ename"]);
        Assert.Contains("   at cell 2, line 2, column 3", seen["thrown"]!["reply"]!["traceback"]!.AsArray().Select(line => (string?)line));
        Assert.Equal("unknown magic '#!whom'; did you mean '#!who'?", (string?)seen["magic"]!["reply"]!["evalue"]);
        Assert.Equal("ok", (string?)seen["aborted"]!["reply"]!["status"]);
    }

    [Fact]
    public async Task HistoryHasWhatWasCountedAndExpressionsAreEvaluated()
    {
        var seen = await kernel.RunAsync("history");
        Assert.Equal(1, (int?)seen["counted"]!["reply"]!["execution_count"]);
        Assert.Equal("ok", (string?)seen["silent"]!["reply"]!["status"]);
        Assert.Empty(seen["silent"]!["outputs"]!.AsArray());
        Assert.Equal("4", Result(seen["unstored"]!));
        Assert.Equal(1, (int?)seen["unstored"]!["reply"]!["execution_count"]);
        var expressions = seen["expressions"]!["reply"]!;
        Assert.Equal(2, (int?)expressions["execution_count"]);
        Assert.Equal("8", (string?)expressions["user_expressions"]!["sum"]!["data"]!["text/plain"]);
        Assert.Equal("CompilationError", (string?)expressions["user_expressions"]!["wrong"]!["ename"]);
        AssertHistory("[[1,1,[\"20 + 1\",\"21\"]],[1,2,[\"var x = 5;\",null]]]", seen["tail"]!);
        AssertHistory("[[1,1,\"20 + 1\"]]", seen["range"]!);
        AssertHistory("[[1,2,\"var x = 5;\"]]", seen["search"]!);
    }

    [Fact]
    public async Task CompletionsHaveTypesAndHoverHasDocumentation()
    {
        var seen = await kernel.RunAsync("completion");
        var member = seen["member"]!;
        Assert.Contains("Add", member["matches"]!.AsArray().Select(match => (string?)match));
        // The emoji is one code point.
        Assert.Equal((19, 21), ((int)member["cursor_start"]!, (int)member["cursor_end"]!));
        var typed = member["metadata"]!["_jupyter_types_experimental"]!.AsArray().Single(item => (string?)item!["text"] == "Add")!;
        Assert.Equal(("function", 19, 21), ((string?)typed["type"], (int)typed["start"]!, (int)typed["end"]!));
        Assert.Equal(["#!who", "#!whos"], seen["magic"]!["matches"]!.AsArray().Select(match => (string?)match));
        Assert.Contains("Adds one.", Hover(seen["own"]!));
        Assert.Contains("Spans of a process as a flame chart.", Hover(seen["lake"]!));
        Assert.Contains("Asks for a line of text below the cell", Hover(seen["input"]!));
        Assert.Contains("strongly typed list of objects", Hover(seen["runtime"]!));
        Assert.False((bool)seen["nothing"]!["found"]!);
    }

    static string? Result(JsonNode cell) =>
        (string?)cell["outputs"]!.AsArray().Single(message => (string?)message!["type"] == "execute_result")!["data"]!["text/plain"];

    static string Hover(JsonNode reply) => (string)reply["data"]!["text/plain"]!;

    static void AssertHistory(string expected, JsonNode reply) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), reply["history"]), reply.ToJsonString());
}
