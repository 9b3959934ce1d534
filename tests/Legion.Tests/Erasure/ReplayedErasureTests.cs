using Dapper;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Access;
using Legion.Tests.Cli;
using Legion.Tests.Sdk;
using Legion.Tests.Store;
using Microsoft.Data.Sqlite;
using Recording = Legion.Tests.Store.Recording;

namespace Legion.Tests.Erasure;

/// <summary>What the ledger says was erased is shown to nobody by a service, whatever its catalog has forgotten.</summary>
[Collection(SdkCollection.Name)]
public sealed class ReplayedErasureTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("all")]
    [InlineData("viewer")]
    public async Task ACatalogOfBeforeIsErasedAgainBeforeItIsShown(string role)
    {
        using var lake = new TemporaryLake();
        var (own, shared, whole) = (ErasureScene.Own(), ErasureScene.Shared(rounds: 3), new Recording());
        foreach (var batch in (BatchWriter[])[ErasureScene.Batch(own), ErasureScene.Batch(shared), whole.Batch(whole.Blocks(2))])
            await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), Cancellation);
        var (catalog, before) = (Path.Combine(lake.Folder, StoreNames.CatalogFile), Path.Combine(lake.Folder, "before"));
        await using (var connection = new SqliteConnection($"Data Source={catalog};Pooling=False")) await connection.ExecuteAsync($"VACUUM INTO '{before}'");
        using (var service = await ServedLake.StartAsync(lake.Folder, "--role", role))
        using (var browser = new HttpClient { BaseAddress = service.Url })
            Assert.Contains(ErasureScene.Canary, await browser.GetStringAsync($"/api/processes/{shared.Process!.ProcessId}/logs", Cancellation), StringComparison.Ordinal);
        foreach (var what in (string[][])[["--process", $"{whole.ProcessId}"], ["--where", $"{ErasureScene.Property} = \"{ErasureScene.Canary}\""]])
            Assert.Equal(0, (await LegionProgram.RunAsync(["erase", "--lake", lake.Folder, .. what])).ExitCode);

        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(lake.Folder, StoreNames.CatalogFile + "*")) File.Delete(file);
        File.Move(before, catalog);
        using (var service = await ServedLake.StartAsync(lake.Folder, "--role", role))
        using (var browser = new HttpClient { BaseAddress = service.Url })
        {
            var processes = await browser.GetStringAsync("/api/processes", Cancellation);
            Assert.Contains($"{shared.Process.ProcessId}", processes, StringComparison.Ordinal);
            Assert.DoesNotContain($"{own.Process!.ProcessId}", processes, StringComparison.Ordinal);
            Assert.DoesNotContain($"{whole.ProcessId}", processes, StringComparison.Ordinal);
            Assert.DoesNotContain(ErasureScene.Canary, await browser.GetStringAsync($"/api/processes/{shared.Process.ProcessId}/logs", Cancellation), StringComparison.Ordinal);
        }
        var erasures = await lake.Open().Catalog.ReadErasuresAsync(Tenant.Default, Cancellation);
        Assert.Equal(2, erasures.Count);
        Assert.All(erasures, erasure => Assert.NotNull(erasure.FinishedNs));
    }

    [Fact(Timeout = 120_000)]
    public async Task NothingIsShownWhileAnotherProgramErasesAgain()
    {
        await using var service = new ServedKeys();
        var (store, shared) = (service.Lake.Store, ErasureScene.Shared(rounds: 1));
        await service.Lake.AppendAsync(ErasureScene.Batch(shared));
        // The ledger has it, the catalog has not, and another program is about it.
        var ledger = new ErasureLedger(store, Tenant.Default);
        var erasure = new ErasureRow
        {
            ErasureId = Guid.CreateVersion7(),
            Kind = ErasureKind.Property,
            Property = ErasureScene.Property,
            Digest = (await ledger.KeysAsync(Cancellation)).DigestOf(ErasureScene.Property, ErasureScene.Canary),
            RequestedNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100,
            Counts = default,
        };
        await ledger.RequestAsync(erasure, Cancellation);
        var claim = new PartitionKey("erasure/", erasure.ErasureId, 0);
        Assert.True(await store.Catalog.ClaimPartitionAsync(Tenant.Default, claim, "another", long.MaxValue / 2, 0, Cancellation));

        await service.InitializeAsync();
        var key = await service.NewKeyAsync(KeyRole.Admin);
        var logs = $"/api/processes/{shared.Process!.ProcessId}/logs";
        foreach (var path in (string[])["/api/processes", logs, $"/tiles/{shared.Process.ProcessId}"])
            Assert.Equal((503, "what was erased is being erased again; try again later"), await service.SendAsync(HttpMethod.Get, path, key) is var seen ? (seen.Status, seen.Error()) : default);
        foreach (var path in (string[])["/", "/health", "/ready", "/metrics", "/v1/health"]) Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, path, key)).Status);

        await store.Catalog.ReleasePartitionAsync(Tenant.Default, claim, "another", Cancellation);
        ServedKeys.Seen shown;
        while ((shown = await service.SendAsync(HttpMethod.Get, logs, key)).Status == 503) await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(200, shown.Status);
        Assert.Contains(ErasureScene.Other, shown.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(ErasureScene.Canary, shown.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoAskedForItHidesTheValueThoughItIsDoneAgainAlready()
    {
        using var lake = new TemporaryLake();
        var keys = await new ErasureLedger(lake.Store, Tenant.Default).KeysAsync(Cancellation);
        var asked = new ErasureRow { ErasureId = Guid.CreateVersion7(), Kind = ErasureKind.Property, Property = "a", Value = "b", Digest = keys.DigestOf("a", "b"), RequestedNs = 1, Counts = default };
        await lake.Store.Catalog.BeginErasureAsync(Tenant.Default, asked with { Value = null }, [], Cancellation);
        Assert.Empty(await lake.Store.Catalog.FindHiddenAsync(Tenant.Default, Cancellation));
        await lake.Store.Catalog.BeginErasureAsync(Tenant.Default, asked, [], Cancellation);
        Assert.Equal(new Property("a", "b"), Assert.Single(await lake.Store.Catalog.FindHiddenAsync(Tenant.Default, Cancellation)));
    }
}
