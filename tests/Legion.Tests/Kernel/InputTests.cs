using Legion.Kernel.Cells;
using Legion.Notebook.Grammar;

namespace Legion.Tests.Kernel;

/// <summary>Cells that ask.</summary>
public sealed class InputTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("input(\"name: \") + \"!\"", "abc!", "name: ", false)]
    [InlineData("password(\"token: \") + \"!\"", "abc!", "token: ", true)]
    [InlineData("Console.ReadLine() + \"!\"", "abc!", "", false)]
    [InlineData("await Task.Run(() => Console.In.ReadLine()) + \"!\"", "abc!", "", false)]
    [InlineData("$\"{(char)Console.Read()}{(char)Console.In.Peek()}{Console.ReadLine()}\"", "abbc", "", false)]
    public async Task AnAnswerIsWhatTheCellReads(string cell, string expected, string prompt, bool isPassword)
    {
        using var session = new Session(new Magics());
        var asked = new List<CellQuestion>();
        await session.ExecuteAsync($"var answer = {cell};", static _ => { }, Cancel, new() { Input = (question, _) => { asked.Add(question); return Task.FromResult("abc"); } });
        Assert.True(session.TryGetVariable("answer", out var value));
        Assert.Equal([new CellQuestion(prompt, isPassword)], asked);
        Assert.Equal(expected, value);
    }

    [Fact]
    public async Task WhatWasWrittenStandsAboveTheQuestion()
    {
        using var session = new Session(new Magics());
        var seen = new List<string>();
        await session.ExecuteAsync("Console.Write(\"before\"); input(\"?\");", output => seen.Add(((StreamOutput)output).Text), Cancel, new() { Input = (question, _) => { seen.Add(question.Prompt); return Task.FromResult(""); } });
        Assert.Equal(["before", "?"], seen);
    }

    [Theory]
    [InlineData("input()")]
    [InlineData("Console.ReadLine()")]
    public async Task WhereNobodyCanBeAskedItIsAnError(string cell)
    {
        using var session = new Session(new Magics());
        var error = (await RecordedCell.RunAsync(session, cell)).Result.Error!;
        Assert.StartsWith("cannot ask for input: nobody looks at this run", error.Message);
        Assert.Equal((1, 1), (error.Line, error.Column));
    }

    [Fact]
    public async Task AnInterruptEndsTheWait()
    {
        using var session = new Session(new Magics());
        using var interrupt = new CancellationTokenSource();
        var result = await session.ExecuteAsync("input()", static _ => { }, interrupt.Token, new()
        {
            Input = async (_, cancel) =>
            {
                await interrupt.CancelAsync();
                await Task.Delay(-1, cancel);
                return "";
            },
        }).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal("Interrupted", result.Error?.Name);
    }

    [Fact]
    public async Task AnUncountedCellLeavesTheCountAndItsVariables()
    {
        using var session = new Session(new Magics());
        await RecordedCell.RunAsync(session, "var a = 1;");
        var result = await session.ExecuteAsync("var b = 2;", static _ => { }, Cancel, new() { IsCounted = false });
        Assert.Equal(1, result.ExecutionCount);
        var next = await RecordedCell.RunAsync(session, "a + b");
        Assert.Equal((2, "result: 3"), (next.Result.ExecutionCount, next.Text));
    }
}
