using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task ALinkIsItsTenantsAndIsEmptyOnceItsProcessIsGone()
    {
        const long Day = 24L * 3600 * 1_000_000_000;
        var (process, kept) = (Guid.NewGuid(), Guid.NewGuid());
        await RegisterAsync(Process(process), Process(kept));
        LinkRow Of(Guid? of, long createdNs = 7) => new(LinkRow.NewId(), of, $"/process/{of}/timeline?q=Ä", 3, createdNs, "ann", null);
        var (frozen, plain, ofNone) = (Of(process), Of(kept) with { Version = null, ExpiresNs = 8, Address = "/" + new string('x', LinkRow.MostAddressLength - 1) }, Of(null) with { Address = "/?search=x" });
        foreach (var link in (LinkRow[])[frozen, plain, ofNone]) Assert.True(await Catalog.AddLinkAsync(Tenant.Default, link, Cancellation));
        Assert.False(await Catalog.AddLinkAsync(Tenant.Default, Of(Guid.NewGuid()), Cancellation));
        Assert.False(await Catalog.AddLinkAsync(new Tenant("other"), Of(process), Cancellation));
        foreach (var link in (LinkRow[])[frozen, plain, ofNone]) Assert.Equal(link, await Catalog.FindLinkAsync(Tenant.Default, link.LinkId, Cancellation));
        Assert.Null(await Catalog.FindLinkAsync(new Tenant("other"), frozen.LinkId, Cancellation));
        Assert.Null(await Catalog.FindLinkAsync(Tenant.Default, LinkRow.NewId(), Cancellation));
        Assert.Equal(3, (await Catalog.ReadLinksAsync(Tenant.Default, Cancellation)).Count);
        Assert.Empty(await Catalog.ReadLinksAsync(new Tenant("other"), Cancellation));

        var keys = ErasureKeys.Create();
        await Catalog.KeepErasureKeysAsync(Tenant.Default, keys, Cancellation);
        await Catalog.BeginErasureAsync(Tenant.Default, Erasure() with { Kind = ErasureKind.Process, Property = "", Digest = keys.DigestOf(process) }, [process], Cancellation);
        var empty = frozen with { ProcessId = null, Address = "", Version = null, CreatedBy = "" };
        Assert.Equal(empty, await Catalog.FindLinkAsync(Tenant.Default, frozen.LinkId, Cancellation));
        Assert.True(empty.IsEmpty);
        await Catalog.EmptyLinkAsync(new Tenant("other"), ofNone.LinkId, Cancellation);
        Assert.Equal(ofNone, await Catalog.FindLinkAsync(Tenant.Default, ofNone.LinkId, Cancellation));
        await Catalog.EmptyLinkAsync(Tenant.Default, ofNone.LinkId, Cancellation);
        Assert.True((await Catalog.FindLinkAsync(Tenant.Default, ofNone.LinkId, Cancellation))!.IsEmpty);

        // Long after it has expired, nobody is told of a link any more.
        Assert.True(await Catalog.AddLinkAsync(Tenant.Default, Of(kept, 80 * Day), Cancellation));
        Assert.Equal(plain, await Catalog.FindLinkAsync(Tenant.Default, plain.LinkId, Cancellation));
        Assert.True(await Catalog.AddLinkAsync(Tenant.Default, Of(kept, 91 * Day), Cancellation));
        Assert.Null(await Catalog.FindLinkAsync(Tenant.Default, plain.LinkId, Cancellation));
        Assert.NotNull(await Catalog.FindLinkAsync(Tenant.Default, frozen.LinkId, Cancellation));
    }
}
