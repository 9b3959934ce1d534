using Xunit;

namespace Legion.Tests.Kernel;

/// <summary>The kernel's channels, driven by a front end over loopback sockets.</summary>
public sealed class JupyterProtocolTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersAFrontEndUntilItSaysShutdown()
    {
        using var client = new KernelClient();

        client.Ask("kernel_info_request", []);
        Assert.Equal("C#", client.Reply().Content["language_info"]!["name"]!.GetValue<string>());
        Assert.Equal("ping", client.Heartbeat("ping"));

        var execute = client.Ask("execute_request", new() { ["code"] = "Console.WriteLine(\"a\"); 1 + 1" });
        var (type, reply) = client.Reply();
        Assert.Equal(("execute_reply", "ok", 1), (type, reply["status"]!.GetValue<string>(), reply["execution_count"]!.GetValue<int>()));
        var published = client.PublishedFor(execute);
        Assert.Equal(["status", "execute_input", "stream", "execute_result", "status"], published.Select(p => p.Type));
        Assert.Equal("a\n", published[2].Content["text"]!.GetValue<string>());
        Assert.Equal("2", published[3].Content["data"]!["text/plain"]!.GetValue<string>());

        client.Ask("execute_request", new() { ["code"] = "nope" });
        Assert.Equal("error", client.Reply().Content["status"]!.GetValue<string>());

        // The cursor counts code points: the emoji before it is one, though two units of UTF-16.
        client.Ask("complete_request", new() { ["code"] = "\"😀\".Leng", ["cursor_pos"] = 8 });
        var completion = client.Reply().Content;
        Assert.Contains("Length", completion["matches"]!.AsArray().Select(match => match!.GetValue<string>()));
        Assert.Equal((4, 8), (completion["cursor_start"]!.GetValue<int>(), completion["cursor_end"]!.GetValue<int>()));

        client.Ask("inspect_request", new() { ["code"] = "#!legion flame", ["cursor_pos"] = 10, ["detail_level"] = 0 });
        Assert.StartsWith("#!legion flame PROCESS", client.Reply().Content["data"]!["text/plain"]!.GetValue<string>());
        client.Ask("is_complete_request", new() { ["code"] = "if (true) {" });
        Assert.Equal("incomplete", client.Reply().Content["status"]!.GetValue<string>());
        client.Ask("history_request", []);
        Assert.Equal([1, 2], client.Reply().Content["history"]!.AsArray().Select(entry => entry![1]!.GetValue<int>()));

        client.Command("shutdown_request", new() { ["restart"] = true });
        Assert.True(client.CommandReply().Content["restart"]!.GetValue<bool>());
        await client.Kernel.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task AnInterruptStopsTheCellAndAbortsThoseBehindIt()
    {
        using var client = new KernelClient();
        var running = client.Ask("execute_request", new() { ["code"] = "Console.WriteLine(\"go\"); while (true) { }" });
        client.Ask("execute_request", new() { ["code"] = "1" });
        while (client.Published() is var (type, _, parent) && !(type == "stream" && parent == running))
        {
        }
        Assert.Equal("ping", client.Heartbeat("ping"));
        client.Command("interrupt_request", []);
        Assert.Equal("ok", client.CommandReply().Content["status"]!.GetValue<string>());
        Assert.Equal("Interrupted", client.Reply().Content["ename"]!.GetValue<string>());
        Assert.Equal("aborted", client.Reply().Content["status"]!.GetValue<string>());

        client.Ask("execute_request", new() { ["code"] = "1" });
        Assert.Equal("ok", client.Reply().Content["status"]!.GetValue<string>());
        client.Command("shutdown_request", []);
        await client.Kernel.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task ARequestWithAnotherKeyIsNotAnswered()
    {
        using var client = new KernelClient();
        client.Ask("execute_request", new() { ["code"] = "1" }, key: "another");
        client.Ask("is_complete_request", new() { ["code"] = "1" });
        Assert.Equal("is_complete_reply", client.Reply().Type);
        client.Ask("execute_request", new() { ["code"] = "1" });
        Assert.Equal(1, client.Reply().Content["execution_count"]!.GetValue<int>());
        client.Command("shutdown_request", []);
        await client.Kernel.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }
}
