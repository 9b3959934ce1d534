using System.Diagnostics;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Format;

namespace Legion.Tests.Notebook;

/// <summary>A lake with a few seconds of a sample; made once for the tests that look at it.</summary>
public abstract class SampleRecording(string sample, Func<string, string[]> arguments) : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-sample-");

    public string Lake => Path.Combine(_folder.FullName, "lake");

    public Guid ProcessId { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder.FullName, "sample.legion");
        await RecordAsync(file, cancel);

        var append = new BlockAppend(LakeStore.OpenOrCreate(LakeLocation.Parse(Lake)), TimeProvider.System);
        var bytes = await File.ReadAllBytesAsync(file, cancel);
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)Batch.TotalBytes(bytes.AsSpan(at, Batch.PrefixBytes));
            var answer = await append.AppendAsync(Tenant.Default, Batch.Read(bytes[at..(at + length)]), cancel);
            Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
            ProcessId = answer.Processes.Append(ProcessId).First();
            at += length;
        }
        Assert.NotEqual(Guid.Empty, ProcessId);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    async Task RecordAsync(string file, CancellationToken cancel)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(RepositoryTree.Root, "artifacts", "bin", sample, configuration, sample);
        using var process = Process.Start(new ProcessStartInfo(program, arguments(file)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        Assert.True(process.ExitCode == 0, await said.Item1 + await said.Item2);
    }
}

/// <summary>Of the sample that packs files.</summary>
public sealed class ArchiveRecording() : SampleRecording("Legion.Sample.Archive", file => ["--seconds", "2", "--out", file]);

/// <summary>Of the sample that is a shop behind HTTP.</summary>
public sealed class ShopRecording() : SampleRecording("Legion.Sample.Web", file => ["--requests", "150", "--per-second", "100", $"--Legion:File={file}"]);
