using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

/// <summary>A lake that is gone and comes back from its backup answers what it answered, whatever kind of lake it was and is.</summary>
public sealed class LakeBackupTests(S3Gateway gateway, MariaDbServer database) : IDisposable
{
    readonly List<TemporaryLake> folders = [];
    readonly DirectoryInfo backup = Directory.CreateTempSubdirectory("legion-backup-");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task WhatIsRestoredAnswersAsBefore(bool isRemote, bool isRemoteAfterwards)
    {
        var lake = await NewLakeAsync(isRemote);
        var other = new Tenant("other");
        var recording = new Recording();
        await AppendAsync(lake, Tenant.Default, recording, recording.Blocks(5));
        await AppendAsync(lake, other, new Recording(), new Recording().Blocks(0));
        await lake.Catalog.AddKeyAsync(new KeyRow { KeyId = "aa", Tenant = other, Role = KeyRole.Read, Hash = new byte[32], Name = "Ä \"key\"", CreatedNs = 5 }, "somebody", Cancellation);
        await lake.Catalog.SaveQueryAsync(other, new SavedQueryRow("mine", "SELECT 'Ä'", 6, "ann"), Cancellation);
        Assert.True(await lake.Catalog.AddPolicyAsync(other, new PolicyRow("sums", "exe = 'Ä'", "", 6, "ann"), Cancellation));
        await lake.Catalog.AddQueryAuditAsync(other, [new QueryAuditRow(7, "ann", "SELECT 1", 1, 2, 3, 4, QueryOutcome.Ok, "", 5)], 0, Cancellation);
        Assert.True(await lake.Catalog.AnnotateAsync(Tenant.Default, new AnnotationRow(Guid.NewGuid(), recording.ProcessId, 1, 2, null, "Ä", "slow", 3, "ann"), Cancellation));
        Assert.True(await lake.Catalog.AddLinkAsync(Tenant.Default, new LinkRow(LinkRow.NewId(), recording.ProcessId, $"/process/{recording.ProcessId}/logs", 3, 6, "ann", 7), Cancellation));
        await new LakeReports(new Lake(lake, other, TimeProvider.System)).PublishAsync("<p>Ä</p>"u8.ToArray(), "shown", TimeSpan.FromDays(1), "ann", _ => new ReportContent("", []), Cancellation);
        await new LakeBackup(backup.FullName).WriteAsync(lake, null, Cancellation);
        await AppendAsync(lake, Tenant.Default, recording, recording.Blocks(3));
        var second = await new LakeBackup(backup.FullName).WriteAsync(lake, null, Cancellation);
        Assert.Equal((1, 2, 0), (second.Copied, second.Kept, second.Dropped));
        var before = await AnswersAsync(lake, recording.ProcessId);

        var restored = await NewLakeAsync(isRemoteAfterwards);
        await new LakeBackup(backup.FullName).RestoreAsync(restored, null, Cancellation);

        Assert.Equal(before, await AnswersAsync(restored, recording.ProcessId));
        foreach (var tenant in (Tenant[])[Tenant.Default, other])
        {
            Assert.Equal(await lake.Catalog.ReadProcessesAsync(tenant, null, Cancellation), await restored.Catalog.ReadProcessesAsync(tenant, null, Cancellation));
            Assert.Equal(await lake.Catalog.ReadStreamsAsync(tenant, null, Cancellation), await restored.Catalog.ReadStreamsAsync(tenant, null, Cancellation));
            Assert.Equal(await lake.Catalog.ReadBlocksAsync(tenant, null, Cancellation), await restored.Catalog.ReadBlocksAsync(tenant, null, Cancellation));
            Assert.Equal(await lake.Catalog.ReadSavedQueriesAsync(tenant, Cancellation), await restored.Catalog.ReadSavedQueriesAsync(tenant, Cancellation));
            Assert.Equal(await lake.Catalog.ReadPoliciesAsync(tenant, Cancellation), await restored.Catalog.ReadPoliciesAsync(tenant, Cancellation));
            Assert.Equal(await lake.Catalog.ReadAnnotationsAsync(tenant, Cancellation), await restored.Catalog.ReadAnnotationsAsync(tenant, Cancellation));
            Assert.Equal(await lake.Catalog.ReadLinksAsync(tenant, Cancellation), await restored.Catalog.ReadLinksAsync(tenant, Cancellation));
            Assert.Equal(await lake.Catalog.ReadReportsAsync(tenant, Cancellation), await restored.Catalog.ReadReportsAsync(tenant, Cancellation));
            Assert.Equal(await lake.Catalog.ReadQueryAuditAsync(tenant, 10, Cancellation), await restored.Catalog.ReadQueryAuditAsync(tenant, 10, Cancellation));
        }
        Assert.Equal(await lake.Catalog.ReadAuditAsync(null, Cancellation), await restored.Catalog.ReadAuditAsync(null, Cancellation));
        Assert.Equal("slow", Assert.Single(await restored.Catalog.ReadAnnotationsAsync(Tenant.Default, Cancellation)).Note);
        Assert.Equal(recording.ProcessId, Assert.Single(await restored.Catalog.ReadLinksAsync(Tenant.Default, Cancellation)).ProcessId);
        var reports = new LakeReports(new Lake(restored, other, TimeProvider.System));
        Assert.Equal("<p>Ä</p>"u8.ToArray(), (await reports.ReadAsync(Assert.Single(await reports.ListAsync("SHOWN", Cancellation)), Cancellation)).ToArray());
        Assert.Equal("sums", Assert.Single(await restored.Catalog.ReadPoliciesAsync(other, Cancellation)).Name);
        Assert.Equal("mine", Assert.Single(await restored.Catalog.ReadSavedQueriesAsync(other, Cancellation)).Name);
        Assert.Equal("Ä \"key\"", (await restored.Catalog.FindKeyAsync("aa", Cancellation))!.Name);
        Assert.Equal(0, (await new LakeVerification(restored, TimeProvider.System).RunAsync(damage => Assert.Fail($"{damage}"), null, Cancellation)).UnnamedObjects);
        // What comes again is known, and what is new goes on where it was.
        await AppendAsync(restored, Tenant.Default, recording, recording.Blocks(1));
        await Assert.ThrowsAsync<InvalidDataException>(() => new LakeBackup(backup.FullName).RestoreAsync(restored, null, Cancellation));
    }

    [Fact]
    public async Task WhatTheLakeNoLongerHasIsDroppedAndWhatTheBackupLacksIsNamed()
    {
        var lake = await NewLakeAsync(isRemote: false);
        var recording = new Recording();
        await AppendAsync(lake, Tenant.Default, recording, recording.Blocks(1));
        var gone = StoreNames.BlocksObject(1, Tenant.Default, StreamClass.Log, recording.ProcessId, Guid.CreateVersion7());
        await lake.Objects.PutAsync(gone, [new byte[] { 1 }], Cancellation);
        Assert.Equal(2, (await new LakeBackup(backup.FullName).WriteAsync(lake, null, Cancellation)).Copied);
        await lake.Objects.DeleteAsync(gone, Cancellation);
        Assert.Equal(1, (await new LakeBackup(backup.FullName).WriteAsync(lake, null, Cancellation)).Dropped);
        Assert.False(File.Exists(Path.Combine(backup.FullName, gone)));

        var row = Assert.Single(await lake.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        File.Delete(Path.Combine(backup.FullName, row.ObjectKey));
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(async () => await new LakeBackup(backup.FullName).RestoreAsync(await NewLakeAsync(isRemote: false), null, Cancellation));
        Assert.Contains(row.ObjectKey, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADumpThatBreaksOffFillsNothing()
    {
        var lake = await NewLakeAsync(isRemote: false);
        var recording = new Recording();
        await AppendAsync(lake, Tenant.Default, recording, recording.Blocks(2));
        var dump = new StringWriter();
        await lake.Catalog.DumpAsync(() => dump, Cancellation);
        var lines = dump.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var kept = 0; kept < lines.Length; kept++)
        {
            var empty = await NewLakeAsync(isRemote: false);
            var broken = string.Join('\n', lines[..kept]);
            await Assert.ThrowsAsync<InvalidDataException>(() => empty.Catalog.LoadAsync(() => new StringReader(broken), Cancellation));
            Assert.Empty(await empty.Catalog.ReadTenantsAsync(Cancellation));
        }
    }

    public void Dispose()
    {
        foreach (var folder in folders) folder.Dispose();
        backup.Delete(recursive: true);
    }

    async Task<LakeStore> NewLakeAsync(bool isRemote)
    {
        if (!isRemote)
        {
            folders.Add(new TemporaryLake());
            return folders[^1].Store;
        }
        var (s3, address) = (await gateway.NewLocationAsync(), await database.CreateDatabaseAsync());
        return new LakeStore(LakeLocation.Parse(s3.ToString(), address.ToString(), () => s3.Settings), S3Gateway.Open(s3), MySqlCatalog.Open(address));
    }

    static async Task AppendAsync(LakeStore lake, Tenant tenant, Recording recording, byte[][] blocks)
    {
        var answer = await new BlockAppend(lake, TimeProvider.System).AppendAsync(tenant, recording.Items(blocks), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
    }

    static async Task<string> AnswersAsync(LakeStore lake, Guid process)
    {
        using var result = await new Lake(lake).QueryAsync($"SELECT name, begin_ns, duration_ns, depth, stream_id FROM spans WHERE process_id = '{process}' ORDER BY begin_ns", null, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        var lines = new List<string>();
        while (rows.Read()) lines.Add(string.Join(',', Enumerable.Range(0, rows.Columns.Count).Select(i => $"{rows[i]}")));
        Assert.Equal(24, lines.Count);
        return string.Join('\n', lines);
    }
}
