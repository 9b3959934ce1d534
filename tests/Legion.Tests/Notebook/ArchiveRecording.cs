using System.Diagnostics;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Format;

namespace Legion.Tests.Notebook;

/// <summary>A lake with a few seconds of the sample that packs files; made once for the tests that look at it.</summary>
public sealed class ArchiveRecording : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-archive-");

    public string Lake => Path.Combine(_folder.FullName, "lake");

    public Guid ProcessId { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var file = Path.Combine(_folder.FullName, "archive.legion");
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
        return ValueTask.CompletedTask;
    }

    static async Task RecordAsync(string file, CancellationToken cancel)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(RepositoryTree.Root, "artifacts", "bin", "Legion.Sample.Archive", configuration, "Legion.Sample.Archive");
        using var sample = Process.Start(new ProcessStartInfo(program, ["--seconds", "2", "--out", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = (sample.StandardOutput.ReadToEndAsync(cancel), sample.StandardError.ReadToEndAsync(cancel));
        await sample.WaitForExitAsync(cancel);
        Assert.True(sample.ExitCode == 0, await said.Item1 + await said.Item2);
    }
}
