using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Cells;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>A session on a small lake, whose flame charts are asked as their cells ask.</summary>
/// <param name="options">Of the verb that connects.</param>
public abstract class FlameSession(string events, string options = "") : IAsyncLifetime
{
    /// <summary>Of the recording.</summary>
    protected const long StartNs = 1767225600_000_000_000;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected TestLake Lake { get; } = new();

    private protected EventScript Script { get; } = EventScript.Parse(events);

    protected Session Session { get; } = new(LakeVerbs.CreateMagics());

    public async ValueTask InitializeAsync()
    {
        await Script.DeliverAsync(Lake, () => Task.CompletedTask);
        await RecordedCell.RunAsync(Session, $"#!legion connect {Lake.Folder} {options}");
    }

    public ValueTask DisposeAsync()
    {
        Session.Dispose();
        Lake.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected async Task<FlameView> FlameAsync(string options)
    {
        var cell = await RecordedCell.RunAsync(Session, $"#!legion flame {Script.ProcessId} {options} -> f");
        Assert.Null(cell.Result.Error);
        Assert.True(Session.TryGetVariable("f", out var flame));
        return (FlameView)flame!;
    }

    /// <summary>The answer as a cell reads it.</summary>
    protected static async Task<LiveAnswer> AskAsync(FlameView flame, JsonNode question)
    {
        var answer = await ((ILiveResult)flame).AnswerAsync(JsonSerializer.SerializeToElement(question), Cancel);
        return answer with { Json = JsonNode.Parse(answer.Json.ToJsonString())!.AsObject() };
    }
}
