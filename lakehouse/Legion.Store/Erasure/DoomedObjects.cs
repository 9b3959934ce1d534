namespace Legion.Store;

/// <summary>Deletes a tenant's objects that the catalog has doomed: tombstone, commit, then unlink.</summary>
public sealed class DoomedObjects(LakeStore lake, Tenant tenant)
{
    /// <summary>Objects between two notes in the catalog.</summary>
    const int MostAtOnce = 500;

    /// <param name="progress">Told how many are deleted.</param>
    /// <returns>How many there were.</returns>
    public async Task<long> DeleteAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        var deleted = 0L;
        foreach (var keys in (await lake.Catalog.ReadDoomedAsync(tenant, cancellation)).Chunk(MostAtOnce))
        {
            foreach (var key in keys)
            {
                if (await lake.Objects.DeleteAsync(key, cancellation)) deleted++;
                progress?.Report(deleted);
            }
            await lake.Catalog.ForgetDoomedAsync(tenant, keys, cancellation);
        }
        return deleted;
    }
}
