using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    const long ReportDay = 24L * 3600 * 1_000_000_000;

    static ReportRow NewReport(string title, long createdNs, Tenant tenant = default) => new(ReportRow.NewId(), title, createdNs, "key ann Ä", null,
        StoreNames.ReportObject(new ReportObjectName(20_000, tenant, Guid.CreateVersion7())), 12, new string('a', 64), $"'sha256-{new string('A', 43)}='");

    [Fact]
    public async Task AReportIsItsTenantsAndGoesWithWhatItNames()
    {
        var other = new Tenant("other");
        var (process, kept, never) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await RegisterAsync(Process(process), Process(kept));
        var (first, second, third) = (NewReport("first <b>", 5), NewReport("second", 6) with { ExpiresNs = 100 * ReportDay }, NewReport("", 6));
        Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(Tenant.Default, first, [process, kept, never], Cancellation));
        Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(Tenant.Default, second, [kept], Cancellation));
        Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(other, third, [process], Cancellation));
        // A commit whose outcome is unknown runs again.
        Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(Tenant.Default, second, [kept], Cancellation));
        Assert.Equal(first, await Catalog.FindReportAsync(Tenant.Default, first.ReportId, Cancellation));
        Assert.Null(await Catalog.FindReportAsync(other, first.ReportId, Cancellation));
        Assert.Equal([second, first], await Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
        Assert.Equal([third], await Catalog.ReadReportsAsync(other, Cancellation));

        var keys = ErasureKeys.Create();
        await Catalog.KeepErasureKeysAsync(Tenant.Default, keys, Cancellation);
        await Catalog.BeginErasureAsync(Tenant.Default, Erasure() with { Kind = ErasureKind.Process, Property = "", Digest = keys.DigestOf(process) }, [process], Cancellation);
        Assert.Equal([second], await Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
        Assert.Equal([third], await Catalog.ReadReportsAsync(other, Cancellation));
        Assert.Equal(first with { Title = "", CreatedBy = "", ObjectKey = "", Bytes = 0, Sha256 = "", Scripts = "" }, await Catalog.FindReportAsync(Tenant.Default, first.ReportId, Cancellation));
        Assert.Contains(first.ObjectKey, await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));
        Assert.DoesNotContain(second.ObjectKey, await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));
        // What is published again shows what was erased.
        Assert.Equal(ReportOutcome.Erased, await Catalog.AddReportAsync(Tenant.Default, NewReport("again", 7), [kept, process], Cancellation));
        Assert.Equal([second], await Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task AReportThatIsRemovedOrExpiredSaysSoForAWhile()
    {
        var (stays, ends, removed) = (NewReport("stays", 5), NewReport("ends", 6) with { ExpiresNs = 10 * ReportDay }, NewReport("removed", 7));
        foreach (var report in (ReportRow[])[stays, ends, removed]) Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(Tenant.Default, report, [], Cancellation));
        await Catalog.EmptyReportAsync(new Tenant("other"), removed.ReportId, ReportDay, Cancellation);
        Assert.Equal(removed, await Catalog.FindReportAsync(Tenant.Default, removed.ReportId, Cancellation));
        await Catalog.EmptyReportAsync(Tenant.Default, removed.ReportId, ReportDay, Cancellation);
        Assert.Equal((true, ReportDay), (await FoundAsync(removed) is { } gone ? (gone.IsEmpty, gone.ExpiresNs) : default));
        Assert.Equal([removed.ObjectKey], await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));

        Assert.Empty(await Catalog.ExpireReportsAsync(10 * ReportDay - 1, Cancellation));
        Assert.Equal([Tenant.Default], await Catalog.ExpireReportsAsync(10 * ReportDay, Cancellation));
        Assert.Equal([stays], await Catalog.ReadReportsAsync(Tenant.Default, Cancellation));
        Assert.Contains(ends.ObjectKey, await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));
        Assert.True((await FoundAsync(ends))!.IsEmpty);

        Assert.Empty(await Catalog.ExpireReportsAsync(92 * ReportDay, Cancellation));
        Assert.Null(await FoundAsync(removed));
        Assert.NotNull(await FoundAsync(ends));
        Assert.Empty(await Catalog.ExpireReportsAsync(101 * ReportDay, Cancellation));
        Assert.Null(await FoundAsync(ends));
        Assert.Equal(stays, await FoundAsync(stays));

        Task<ReportRow?> FoundAsync(ReportRow report) => Catalog.FindReportAsync(Tenant.Default, report.ReportId, Cancellation);
    }

    [Fact]
    public async Task APageThatASweepHasTakenIsNamedByNobody()
    {
        var (late, named) = (NewReport("late", 5), NewReport("named", 5));
        Assert.True(StoreNames.TryReadReportObject(late.ObjectKey, out var lateName) && StoreNames.TryReadReportObject(named.ObjectKey, out _));
        StoreNames.TryReadReportObject(named.ObjectKey, out var namedName);
        Assert.Equal(ReportOutcome.Added, await Catalog.AddReportAsync(Tenant.Default, named, [], Cancellation));
        Assert.Equal([named.ObjectKey], await Catalog.FindLivingReportsAsync(namedName, [named.ObjectKey, late.ObjectKey], Cancellation));
        Assert.False(await Catalog.SpendReportAsync(namedName, Cancellation));
        Assert.True(await Catalog.SpendReportAsync(lateName, Cancellation));
        Assert.True(await Catalog.SpendReportAsync(lateName, Cancellation));
        Assert.Equal(ReportOutcome.Swept, await Catalog.AddReportAsync(Tenant.Default, late, [], Cancellation));
        Assert.Null(await Catalog.FindReportAsync(Tenant.Default, late.ReportId, Cancellation));
        await Catalog.EmptyReportAsync(Tenant.Default, named.ReportId, 6, Cancellation);
        Assert.True(await Catalog.SpendReportAsync(namedName, Cancellation));
    }
}
