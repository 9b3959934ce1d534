using Legion.Format;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Erasure;
using Legion.Tests.Sdk;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

[Collection(SdkCollection.Name)]
public sealed class EraseCommandTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string ReceiptFile => Path.Combine(lake.Folder, "receipt.json");

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task AProcessGoesAndItsReceiptIsVerified()
    {
        var (own, kept) = (await AppendAsync(ErasureScene.Own()), await AppendAsync(ErasureScene.Shared(rounds: 1)));
        var erased = await RunAsync("--process", $"{own}", "--json");
        Assert.Equal((0, ""), (erased.ExitCode, erased.Error));
        Assert.Equal([kept], (await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.ProcessId));

        var receipt = ErasureReceipt.FromJson(erased.Output.Trim());
        Assert.Equal(("process", 1L), (receipt.Statement.Kind, receipt.Statement.Processes));
        Assert.DoesNotContain($"{own}", erased.Output, StringComparison.Ordinal);
        await VerifyAsync(erased.Output, 0, "");
        await VerifyAsync(erased.Output, 0, "", "--process", $"{own}");
        await VerifyAsync(erased.Output, 1, "is this lake's, and of something else", "--process", $"{kept}");
        await VerifyAsync(erased.Output, 1, "is not this lake's, or was changed", "--tenant", "other");
        await VerifyAsync(erased.Output.Replace("\"processes\":1", "\"processes\":2", StringComparison.Ordinal), 1, "is not this lake's, or was changed");
        await VerifyAsync("{}", 1, "receipt");
    }

    [Fact]
    public async Task AValueGoesWhereItStandsAndTheProcessStays()
    {
        var (own, shared) = (await AppendAsync(ErasureScene.Own()), await AppendAsync(ErasureScene.Shared(rounds: 1)));
        var erased = await RunAsync("--where", $"{ErasureScene.Property} = \"{ErasureScene.Canary}\"");
        Assert.Equal((0, ""), (erased.ExitCode, erased.Error));
        Assert.StartsWith("erased 1 processes, ", erased.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(ErasureScene.Canary, erased.Output, StringComparison.Ordinal);
        Assert.Equal([shared], (await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, [own, shared], Cancellation)).Select(process => process.ProcessId));
        var answer = await LegionProgram.RunAsync("query", $"SELECT count(*) FILTER (WHERE name LIKE 'kept%') > 0, count(*) FILTER (WHERE name LIKE 'gone%') FROM spans WHERE process_id = '{shared}'", "--lake", lake.Folder, "--format", "csv");
        Assert.Equal("true,0", answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim());
    }

    [Fact]
    public async Task AProcessThatNobodyKnowsIsRefusedWhenItComes()
    {
        var own = ErasureScene.Own();
        Assert.StartsWith("erased 0 processes, 0 events in 0 blocks", (await RunAsync("--process", $"{own.Process!.ProcessId}")).Output, StringComparison.Ordinal);
        var answer = await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(ErasureScene.Batch(own).ToArray()), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockAnswer.Erased, block.Reason));
        Assert.Empty(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
    }

    [Theory]
    [InlineData(2, "cannot erase nothing")]
    [InlineData(2, "both a process and a value", "--process", "019a0000-0000-7000-8000-000000000000", "--where", "a = b")]
    [InlineData(2, "expected a UUID", "--process", "notepad")]
    [InlineData(2, "expected \"property = value\"", "--where", "user_id")]
    [InlineData(2, "expected \"property = value\"", "--where", "user_id = ")]
    [InlineData(2, "as a tenant", "--process", "019a0000-0000-7000-8000-000000000000", "--tenant", "../up")]
    [InlineData(3, "no such file", "--verify", "/there/is/no/receipt.json")]
    public async Task AFailureIsOneSentenceAndErasesNothing(int exitCode, string says, params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(says, Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(await lake.Store.Catalog.ReadErasuresAsync(Tenant.Default, Cancellation));
    }

    async Task VerifyAsync(string receipt, int exitCode, string says, params string[] more)
    {
        await File.WriteAllTextAsync(ReceiptFile, receipt, Cancellation);
        var outcome = await RunAsync(["--verify", ReceiptFile, .. more]);
        Assert.Equal((exitCode, exitCode == 0 ? "the receipt is this lake's and unchanged" : ""), (outcome.ExitCode, outcome.Output.Trim()));
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }

    async Task<Guid> AppendAsync(MemorySink sink)
    {
        var answer = await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(ErasureScene.Batch(sink).ToArray()), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
        return sink.Process!.ProcessId;
    }

    Task<LegionProgram.Outcome> RunAsync(params string[] arguments) => LegionProgram.RunAsync(["erase", .. arguments, "--lake", lake.Folder]);
}
