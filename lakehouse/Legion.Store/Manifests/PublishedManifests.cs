using System.Text;

namespace Legion.Store;

/// <summary>
/// Says to other engines which Parquet files of a view are current: under <c>manifests/</c>, for each day and process, a text with a line for each file, as Hive's SymlinkTextInputFormat reads it.
/// A view has them once somebody asked for them; from then on whatever changes which files are current writes the texts concerned anew.
/// </summary>
public sealed class PublishedManifests(LakeStore lake, Tenant tenant)
{
    /// <summary>Whether the view's files are named.</summary>
    public Task<bool> IsPublishedAsync(string view, CancellationToken cancellation) => lake.Objects.HasAsync(StoreNames.ManifestMark(view, tenant), cancellation);

    /// <summary>From now on the view's files are named, those of now at once. Done again it repairs what a program that was killed has left.</summary>
    /// <returns>How many files there are.</returns>
    public async Task<long> PublishAsync(string view, int schemaVersion, CancellationToken cancellation)
    {
        await lake.Objects.PutAsync(StoreNames.ManifestMark(view, tenant), [ReadOnlyMemory<byte>.Empty], cancellation);
        var named = new HashSet<(Guid, int)>();
        var files = 0L;
        await foreach (var manifest in lake.Objects.ListAsync(StoreNames.ManifestsPrefix(view, schemaVersion, tenant), cancellation))
            if (StoreNames.TryReadManifest(manifest.Key, out var name)) named.Add((name.ProcessId, name.Day));
        foreach (var partition in await lake.Catalog.ReadPartitionsAsync(tenant, view, null, cancellation))
        {
            if (DayOf(partition) is not { } day || partition.SchemaVersion != schemaVersion) continue;
            named.Add((partition.ProcessId, day));
            files++;
        }
        foreach (var (processId, day) in named) await WriteAsync(view, schemaVersion, processId, day, cancellation);
        return files;
    }

    /// <summary>Writes the text of a process's day anew, where the view has any.</summary>
    public async Task RefreshAsync(string view, int schemaVersion, Guid processId, int day, CancellationToken cancellation)
    {
        if (await IsPublishedAsync(view, cancellation)) await WriteAsync(view, schemaVersion, processId, day, cancellation);
    }

    /// <summary>
    /// Writes the texts of schema versions anew that nobody writes any more: those go that name no file. Where no program shows a view any more, it is forgotten that somebody asked for its files.
    /// </summary>
    /// <param name="isRetired">Whether a schema version of a view was replaced, or the view is gone.</param>
    /// <param name="isGone">Whether there is no such view.</param>
    /// <returns>How many went.</returns>
    public async Task<long> RetireAsync(Func<string, int, bool> isRetired, Func<string, bool> isGone, CancellationToken cancellation)
    {
        var went = 0L;
        await foreach (var (key, _) in lake.Objects.ListAsync(StoreNames.ManifestsFolder, cancellation))
        {
            if (StoreNames.ViewOfManifestMark(key, tenant) is { } view && isGone(view)) await lake.Objects.DeleteAsync(key, cancellation);
            if (!StoreNames.TryReadManifest(key, out var name) || name.Tenant != tenant || !isRetired(name.View, name.SchemaVersion)) continue;
            await WriteAsync(name.View, name.SchemaVersion, name.ProcessId, name.Day, cancellation);
            if (!await lake.Objects.HasAsync(key, cancellation)) went++;
        }
        return went;
    }

    /// <summary>Whoever writes last has looked at the catalog after all others, or looks again: of two that change it at a time one sees both changes.</summary>
    async Task WriteAsync(string view, int schemaVersion, Guid processId, int day, CancellationToken cancellation)
    {
        var key = StoreNames.Manifest(view, schemaVersion, tenant, day, processId);
        for (string? written = null; ;)
        {
            var partitions = await lake.Catalog.ReadPartitionsAsync(tenant, view, [processId], cancellation);
            var lines = string.Concat(partitions.Where(partition => partition.SchemaVersion == schemaVersion && DayOf(partition) == day).OrderBy(partition => partition.Slot)
                .Select(partition => lake.Location.UriOf(partition.Path) + "\n"));
            if (lines == written) return;
            if (lines.Length == 0) await lake.Objects.DeleteAsync(key, cancellation);
            else await lake.Objects.ReplaceAsync(key, Encoding.UTF8.GetBytes(lines), cancellation);
            written = lines;
        }
    }

    /// <summary>Null where there is no file, as there are no rows.</summary>
    static int? DayOf(PartitionRow partition) => StoreNames.TryReadViewFolder(partition.Path, out _, out var day) ? day : null;
}
