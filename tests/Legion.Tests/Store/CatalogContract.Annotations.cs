using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task AnAnnotationIsItsTenantsAndGoesWithItsProcess()
    {
        var (process, other) = (Guid.NewGuid(), Guid.NewGuid());
        await RegisterAsync(Process(process), Process(other));
        AnnotationRow Note(Guid of, long beginNs) => new(Guid.NewGuid(), of, beginNs, beginNs + 5, Guid.NewGuid(), "physics Ä", "it stalls here", 7, "ann");
        var (first, second, third) = (Note(process, 2), Note(process, 1) with { StreamId = null, Name = null, Note = new string('x', 100_000) }, Note(other, 3));
        foreach (var note in (AnnotationRow[])[first, second, third, first]) Assert.True(await Catalog.AnnotateAsync(Tenant.Default, note, Cancellation));
        Assert.False(await Catalog.AnnotateAsync(Tenant.Default, Note(Guid.NewGuid(), 1), Cancellation));
        Assert.False(await Catalog.AnnotateAsync(new Tenant("other"), first, Cancellation));
        Assert.Equal([second, first], (await Catalog.ReadAnnotationsAsync(Tenant.Default, Cancellation)).Where(note => note.ProcessId == process));
        Assert.True(await Catalog.AnnotateAsync(Tenant.Default, first with { Note = "no more" }, Cancellation));
        Assert.Empty(await Catalog.ReadAnnotationsAsync(new Tenant("other"), Cancellation));
        Assert.False(await Catalog.DeleteAnnotationAsync(new Tenant("other"), second.AnnotationId, Cancellation));
        Assert.True(await Catalog.DeleteAnnotationAsync(Tenant.Default, second.AnnotationId, Cancellation));
        Assert.False(await Catalog.DeleteAnnotationAsync(Tenant.Default, second.AnnotationId, Cancellation));
        Assert.Equal(["it stalls here", "no more"], (await Catalog.ReadAnnotationsAsync(Tenant.Default, Cancellation)).Select(note => note.Note).Order());

        var keys = ErasureKeys.Create();
        await Catalog.KeepErasureKeysAsync(Tenant.Default, keys, Cancellation);
        await Catalog.BeginErasureAsync(Tenant.Default, Erasure() with { Kind = ErasureKind.Process, Property = "", Digest = keys.DigestOf(process) }, [process], Cancellation);
        Assert.Equal([third], await Catalog.ReadAnnotationsAsync(Tenant.Default, Cancellation));
    }
}
