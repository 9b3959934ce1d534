using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Notebook.Grammar;
using Xunit;

namespace Legion.Tests.Kernel;

public sealed class SessionTests
{
    static Session NewSession() => new(new Magics()
        .Bind("sql", (call, host, _) => Task.FromResult<object?>($"{call.Body.Trim()} [{string.Join(',', SqlParameters.Names(call.Body).Select(name => host.TryGetVariable(name, out var v) ? v : "none"))}]"))
        .Bind("processes", (_, _, _) => Task.FromResult<object?>(new List<int> { 1, 2, 3 })));

    // Cells are separated by a line of ---; each is followed by what it puts out after =>.
    [Theory]
    [InlineData("1 + 1\n=>\nresult: 2")]
    [InlineData("var x = 20;\n=>\n---\nx + 1\n=>\nresult: 21")]
    [InlineData("int Twice(int n) => 2 * n;\nrecord P(int A);\n=>\n---\nnew P(Twice(4))\n=>\nresult: P\n      A: 8")]
    [InlineData("await Task.Delay(1); \"done\"\n=>\nresult: done")]
    [InlineData("Enumerable.Range(1, 3).Sum();\n=>")]
    [InlineData("Console.WriteLine(\"a\"); Console.Error.WriteLine(\"b\"); Console.Write('c');\n=>\nout: a\nerr: b\nout: c")]
    [InlineData("display(1); Console.WriteLine(2); display(\"<b>\"); 3\n=>\ndisplay: 1\nout: 2\ndisplay: <b>\nresult: 3")]
    [InlineData("var h = display(\"0 %\"); h.Update(\"100 %\");\n=>\ndisplay: 0 %\nupdate: 100 %")]
    [InlineData("await Task.Run(() => Console.WriteLine(\"from a task\"));\n=>\nout: from a task")]
    [InlineData("async Task<int> F() { await Task.Yield(); return 7; }\nF().Result\n=>\nresult: 7")]
    [InlineData("y\n=>\nerror: (1,1): CS0103: The name 'y' does not exist in the current context")]
    [InlineData("var a = 1;\n  b + a\n=>\nerror: (2,3): CS0103: The name 'b' does not exist in the current context")]
    [InlineData("throw new Exception(\"boo\");\n=>\nerror: boo\n---\n1\n=>\nresult: 1")]
    [InlineData("var kept = 5; throw new Exception(\"boo\");\n=>\nerror: boo\n---\nkept\n=>\nresult: 5")]
    [InlineData("var before = 1;\n=>\n---\nbefore = 2; nope\n=>\nerror: (1,13): CS0103: The name 'nope' does not exist in the current context\n---\nbefore\n=>\nresult: 1")]
    [InlineData("#!legion sql -> text\nSELECT 1\n=>\ndisplay: SELECT 1 []\n---\ntext.Length\n=>\nresult: 11")]
    [InlineData("var id = 42;\n#!legion sql\nSELECT $id, $none\n=>\ndisplay: SELECT $id, $none [42,none]")]
    [InlineData("#!legion sql -> a\nx\n#!legion processes -> p\np.Count + a.Length\n=>\ndisplay: x []\ndisplay: [ 1, 2, 3 ]\nresult: 7")]
    [InlineData("#!legion processes -> p\n=>\ndisplay: [ 1, 2, 3 ]\n---\np.Add(4); p = new List<int> { 9 }; p[0]\n=>\nresult: 9")]
    [InlineData("#!legion flame @p\n=>\nerror: 'flame' is not available in this host")]
    [InlineData("#!foo\n1\n=>\nerror: unknown magic '#!foo'")]
    [InlineData("Console.Write(1);\n#!legion proceses\n=>\nerror: unknown verb 'proceses'; did you mean 'processes'?")]
    [InlineData("Console.Write(1);\n#!legion help connect\nnope(\n=>\nerror: (3,6): CS1026: ) expected")]
    [InlineData("var s = @\"\n#!legion nothing\n\"; s.Trim()\n=>\nresult: #!legion nothing")]
    [InlineData("/*\n#!legion nothing\n*/ 5\n=>\nresult: 5")]
    [InlineData("using var s = new MemoryStream();\n=>\nerror: (1,1): a cell cannot say 'using var' at its top level, because its variables live on after it: write using (var x = ...) { ... }, or a plain variable that you dispose of")]
    [InlineData("using System.Text;\nnew StringBuilder(\"sb\").ToString()\n=>\nresult: sb")]
    [InlineData("DataFrame.LoadCsvFromString(\"name,n\\n<b>,1\\nc,20\")\n=>\nresult: name   n\n<b>    1\nc     20\n2 rows, 2 columns")]
    public async Task CellsPutOut(string script)
    {
        using var session = NewSession();
        foreach (var part in script.Split("\n---\n"))
        {
            var at = part.IndexOf("\n=>", StringComparison.Ordinal);
            var ran = await RecordedCell.RunAsync(session, part[..at]);
            Assert.Equal(part[(at + 3)..].TrimStart('\n'), ran.Text);
        }
    }

    [Fact]
    public async Task ACompilationErrorShowsItsPlace()
    {
        using var session = NewSession();
        var error = (await RecordedCell.RunAsync(session, "#!legion help sql\n\tvar a = nope;")).Result.Error;
        Assert.Equal((2, 10), (error?.Line, error?.Column));
        Assert.Equal(["(2,10): CS0103: The name 'nope' does not exist in the current context", "\tvar a = nope;", "\t        ^"], error?.Traceback);
    }

    [Fact]
    public async Task AnExceptionShowsItsLinesOfTheCell()
    {
        using var session = NewSession();
        await RecordedCell.RunAsync(session, "int Parse(string text)\n{\n    return int.Parse(text);\n}");
        var error = (await RecordedCell.RunAsync(session, "#!legion help sql\nvar n = 1;\nn += Parse(\"z\");")).Result.Error;
        Assert.Equal("System.FormatException", error?.Name);
        Assert.Contains(error!.Traceback, line => line.StartsWith("   at cell 1, line 3, column "));
        Assert.Contains(error.Traceback, line => line.StartsWith("   at cell 2, line 3, column "));
        Assert.DoesNotContain(error.Traceback, line => line.Contains("CodeAnalysis") || line.Contains("Legion.Kernel"));
    }

    [Fact]
    public async Task TextArrivesWhileTheCellRuns()
    {
        using var session = NewSession();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await session.SetVariableAsync("seen", seen.Task, typeof(Task));
        var ran = await RecordedCell.RunAsync(session, "Console.WriteLine(\"first\"); await seen.WaitAsync(TimeSpan.FromSeconds(30)); \"second\"", output =>
        {
            if (output is StreamOutput { Text: "first\n" })
                seen.TrySetResult();
        }, TestContext.Current.CancellationToken);
        Assert.Equal("out: first\nresult: second", ran.Text);
    }

    [Theory]
    [InlineData("Console.WriteLine(\"go\"); while (true) { }")]
    [InlineData("while (true) Console.WriteLine(\"go\");")]
    [InlineData("Console.WriteLine(\"go\"); for (;;) while (true) for (var i = 0; i < 3; i++) ;")]
    [InlineData("Console.WriteLine(\"go\"); do { try { throw new Exception(); } catch (Exception) { foreach (var i in new int[3]) ; } } while (true);")]
    [InlineData("class Spinner { public void Spin() { while (true) { } } } Console.WriteLine(\"go\"); await Task.Run(new Spinner().Spin);")]
    [InlineData("Console.WriteLine(\"go\"); Thread.Sleep(-1);")]
    [InlineData("Console.WriteLine(\"go\"); await Task.Delay(-1);")]
    [InlineData("await Task.Yield(); Console.WriteLine(\"go\"); while (true) { }")]
    [InlineData("Console.WriteLine(\"go\"); while (true) display(1);")]
    [InlineData("Console.WriteLine(\"go\"); await Task.Delay(-1, Interrupted);")]
    [InlineData("Console.WriteLine(\"go\"); new TaskCompletionSource().Task.Wait();")]
    public async Task AnInterruptStopsTheCellAndTheSessionGoesOn(string cell)
    {
        using var session = NewSession();
        await RecordedCell.RunAsync(session, "var kept = 1;");
        using var interrupt = new CancellationTokenSource();
        var stopped = await RecordedCell.RunAsync(session, cell, output =>
        {
            if (output is StreamOutput)
                interrupt.CancelAsync();
        }, interrupt.Token).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("Interrupted", stopped.Result.Error?.Name);
        Assert.Equal("result: 1", (await RecordedCell.RunAsync(session, "kept")).Text);
    }

    [Theory]
    [InlineData("foreach (var i in new[] { 1 }) throw new Exception();", 1, 32)]
    [InlineData("foreach (var i in new[] { 1 }) { throw new Exception(); }", 1, 34)]
    [InlineData("for (;;) while (true) { int.Parse(\"x\"); }", 1, 25)]
    [InlineData("var a = 1;\nwhile (true)\n    throw new Exception();", 3, 5)]
    public async Task AnErrorInALoopIsWhereItStands(string cell, int line, int column)
    {
        using var session = NewSession();
        var error = (await RecordedCell.RunAsync(session, cell)).Result.Error!;
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public async Task WhatCannotBeStoppedIsLeftBehind()
    {
        using var session = NewSession();
        int[] stop = [0];
        // As a library would: nothing in it looks for the interrupt.
        Action spin = () => { while (Volatile.Read(ref stop[0]) == 0) Thread.SpinWait(100); };
        await session.SetVariableAsync("spin", spin, typeof(Action));
        using var interrupt = new CancellationTokenSource();
        var left = await RecordedCell.RunAsync(
            session,
            "Console.WriteLine(\"go\"); spin();",
            _ => interrupt.CancelAsync(),
            interrupt.Token).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal("Interrupted", left.Result.Error?.Name);
        Assert.Contains("cannot be stopped and still runs: restart the kernel", left.Result.Error!.Message);
        Assert.Equal("result: 1", (await RecordedCell.RunAsync(session, "1")).Text);
        Volatile.Write(ref stop[0], 1);
    }

    [Theory]
    [InlineData("#!legion processes", "the cell was interrupted")]
    [InlineData("#!legion sql 'x'", "the cell was interrupted, but what it called cannot be stopped and still runs: restart the kernel to end it")]
    public async Task AnInterruptStopsAVerb(string cell, string expected)
    {
        using var interrupt = new CancellationTokenSource();
        using var session = new Session(new Magics()
            .Bind("processes", async (_, _, cancel) =>
            {
                await interrupt.CancelAsync();
                await Task.Delay(-1, cancel);
                return null;
            })
            .Bind("sql", async (_, _, _) =>
            {
                await interrupt.CancelAsync();
                await Task.Delay(-1, CancellationToken.None);
                return null;
            }));
        var ran = await RecordedCell.RunAsync(session, cell, static _ => { }, interrupt.Token).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(("Interrupted", expected), (ran.Result.Error?.Name, ran.Result.Error?.Message));
    }

    [Theory]
    [InlineData("var n = 1;", "Complete")]
    [InlineData("if (true) {", "Incomplete")]
    [InlineData("var 1 = 2;", "Invalid")]
    [InlineData("#!legion processes", "Complete")]
    [InlineData("#!legion processes\nvar x = new {", "Incomplete")]
    public void KnowsWhetherACellIsComplete(string cell, string expected) =>
        Assert.Equal(expected, Session.IsComplete(cell).ToString());

    // The cursor is at the |.
    [Theory]
    [InlineData("words.Whe|", "Where", 6, 9)]
    [InlineData("var z = 1;\nz + wor|", "words", 15, 18)]
    [InlineData("#!legion processes\nwords.Cou|nt", "Count", 25, 30)]
    [InlineData("#!legion pro|", "processes", 9, 12)]
    [InlineData("1\n#!legion logs @wo|", "@words", 16, 19)]
    [InlineData("Consol|", "Console", 0, 6)]
    public async Task Completes(string marked, string match, int start, int end)
    {
        using var session = NewSession();
        await RecordedCell.RunAsync(session, "var words = new List<string>();");
        var cursor = marked.IndexOf('|');
        var found = await session.CompleteAsync(marked.Remove(cursor, 1), cursor, TestContext.Current.CancellationToken);
        Assert.Contains(match, found.Matches);
        Assert.Equal((start, end), (found.Start, found.End));
    }

    // As a first cell does beside the warming of the compiler. Nothing of it may be left from other tests.
    [Fact]
    public async Task SessionsThatBeginTogetherKeepTheirTypes()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                using var session = NewSession();
                await RecordedCell.RunAsync(session, "var values = new List<int> { 1, 2, 3 };");
                for (var i = 0; i < 3; i++)
                    Assert.Equal("result: 2", (await RecordedCell.RunAsync(session, "values.Where(v => v > 1).ToList().Count")).Text);
            })));
        }
    }

    [Fact]
    public async Task InspectsCodeAndMagics()
    {
        using var session = NewSession();
        await RecordedCell.RunAsync(session, "var words = new List<string>();");
        Assert.Contains("List<string> words", await session.InspectAsync("words.Count", 2, TestContext.Current.CancellationToken));
        Assert.Contains("#!legion flame PROCESS", await session.InspectAsync("#!legion flame", 12, TestContext.Current.CancellationToken));
        Assert.Null(await session.InspectAsync("   ", 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task HostileTextStaysText()
    {
        using var session = NewSession();
        const string Hostile = "</script><img src=x onerror=alert(1)>";
        await session.SetVariableAsync("text", Hostile, typeof(string));
        foreach (var cell in (string[])["new { text }", "new DataFrame(new StringDataFrameColumn(text, new[] { text }))", "new Dictionary<string, string> { [text] = text }", "new Exception(text)", "new[] { text }"])
        {
            var ran = await RecordedCell.RunAsync(session, cell);
            var html = Assert.IsType<ResultOutput>(ran.Outputs.Single()).Data[MimeBundle.Html];
            Assert.NotNull(html);
            Assert.DoesNotContain("<img", html);
            Assert.DoesNotContain("</script", html);
        }
    }

    [Fact]
    public async Task VariablesKeepTheTypeTheyWereGiven()
    {
        using var session = NewSession();
        await session.SetVariableAsync("n", new List<(int, string)> { (1, "a") }, typeof(List<(int, string)>));
        await session.SetVariableAsync("hidden", new Hidden(), typeof(Hidden));
        await session.SetVariableAsync("maybe", null, typeof(int?));
        await session.SetVariableAsync("n", new Dictionary<string, int[]> { ["x"] = [1, 2] }, typeof(Dictionary<string, int[]>));
        Assert.Equal("result: 2", (await RecordedCell.RunAsync(session, "maybe ??= n[\"x\"].Length; maybe")).Text);
        Assert.Equal("result: Hidden", (await RecordedCell.RunAsync(session, "hidden.ToString()")).Text);
    }

    sealed class Hidden
    {
        public override string ToString() => "Hidden";
    }
}
