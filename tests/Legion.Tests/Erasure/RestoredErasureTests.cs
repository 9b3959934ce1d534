using System.Text;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Sdk;
using Legion.Tests.Store;

namespace Legion.Tests.Erasure;

/// <summary>What was erased stays erased, though a backup of the time before brings it back.</summary>
[Collection(SdkCollection.Name)]
public sealed class RestoredErasureTests : IDisposable
{
    static readonly Tenant other = new("other");

    readonly TemporaryLake lake = new(), restored = new();
    readonly DirectoryInfo old = Directory.CreateTempSubdirectory("legion-backup-"), current = Directory.CreateTempSubdirectory("legion-backup-");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABackupOfBeforeIsErasedAgainAndOneOfAfterHasNothingToErase()
    {
        // Each tenant erases its own: a value that stands in a process of both users, and a whole process.
        var (shared, own) = (ErasureScene.Shared(rounds: 3), ErasureScene.Own());
        await AppendAsync(Tenant.Default, shared);
        await AppendAsync(other, own);
        foreach (var (signal, request) in ExportScene.All("waiting"))
            await new ArrivalAppend(lake.Store, TimeProvider.System, null).AppendAsync(Tenant.Default, signal, ArrivalRow.Protobuf, isGzip: false, request.ToByteArray(), Cancellation);
        await BackUpAsync(old);
        await BackUpAsync(current);
        var ofDefault = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        var ofOther = new LakeErasure(lake.Store, other, TimeProvider.System);
        Assert.NotNull(await ofDefault.RunAsync(await ofDefault.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation), null, Cancellation));
        Assert.NotNull(await ofOther.RunAsync(await ofOther.BeginAsync(own.Process!.ProcessId, Cancellation), null, Cancellation));
        await BackUpAsync(current);
        Assert.Equal(0, Canaries(current));
        Assert.NotEqual(0, Canaries(old));

        foreach (var file in Directory.EnumerateFiles(Path.Combine(current.FullName, "erasures"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(old.FullName, Path.GetRelativePath(current.FullName, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Assert.Contains("erased again what 2 later erasures had taken", await RestoreAsync(old, restored.Folder), StringComparison.Ordinal);
        Assert.Equal(0, Canaries(new DirectoryInfo(restored.Folder)));
        Assert.Equal([shared.Process!.ProcessId], (await restored.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.ProcessId));
        Assert.Empty(await restored.Store.Catalog.ReadProcessesAsync(other, null, Cancellation));
        Assert.Equal(3, (await restored.Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Count);
        foreach (var tenant in (Tenant[])[Tenant.Default, other])
        {
            Assert.NotNull(Assert.Single(await restored.Store.Catalog.ReadErasuresAsync(tenant, Cancellation)).FinishedNs);
            Assert.Equal(0, await new LakeErasure(restored.Store, tenant, TimeProvider.System).ReplayAsync(Cancellation));
        }
        // Who sends it again is as unwelcome as in the lake that is lost.
        var answer = await new BlockAppend(restored.Store, TimeProvider.System).AppendAsync(other, Batch.Read(ErasureScene.Batch(own).ToArray()), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockAnswer.Erased, block.Reason));

        using var second = new TemporaryLake();
        Assert.Contains("erased again what 0 later erasures had taken", await RestoreAsync(current, second.Folder), StringComparison.Ordinal);
        Assert.Equal(0, Canaries(new DirectoryInfo(second.Folder)));
        Assert.Equal(
            (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Sum(block => block.Events),
            (await second.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Sum(block => block.Events));
    }

    public void Dispose()
    {
        lake.Dispose();
        restored.Dispose();
        old.Delete(recursive: true);
        current.Delete(recursive: true);
    }

    Task<BackupTotals> BackUpAsync(DirectoryInfo folder) => new LakeBackup(folder.FullName).WriteAsync(lake.Store, null, Cancellation);

    static async Task<string> RestoreAsync(DirectoryInfo backup, string folder)
    {
        var outcome = await LegionProgram.RunAsync("lake", "restore", backup.FullName, "--lake", folder);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return outcome.Output;
    }

    async Task AppendAsync(Tenant tenant, MemorySink sink)
    {
        var answer = await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(tenant, Batch.Read(ErasureScene.Batch(sink).ToArray()), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
    }

    /// <summary>How often the canary stands in a folder's files, dumps as they are read.</summary>
    static int Canaries(DirectoryInfo folder) => folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "lock").Sum(file =>
    {
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var plain = new MemoryStream();
        if (file.Extension == ".gz") new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress).CopyTo(plain);
        else stream.CopyTo(plain);
        return Encoding.Latin1.GetString(plain.GetBuffer(), 0, (int)plain.Length).Split(ErasureScene.Canary).Length - 1;
    });
}
