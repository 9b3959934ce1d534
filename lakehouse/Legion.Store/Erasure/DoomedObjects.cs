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
            // Before they are forgotten: whoever goes on after this program was killed does it again.
            var manifests = new PublishedManifests(lake, tenant);
            foreach (var (view, schemaVersion, processId, day) in keys.Select(FolderOf).OfType<(string, int, Guid, int)>().Distinct())
                await manifests.RefreshAsync(view, schemaVersion, processId, day, cancellation);
            await lake.Catalog.ForgetDoomedAsync(tenant, keys, cancellation);
        }
        return deleted;
    }

    static (string View, int SchemaVersion, Guid ProcessId, int Day)? FolderOf(string key) =>
        StoreNames.TryReadViewFile(key, out var file) && StoreNames.TryReadViewFolder(key, out var schemaVersion, out var day)
            ? (file.Partition.View, schemaVersion, file.Partition.ProcessId, day) : null;
}
