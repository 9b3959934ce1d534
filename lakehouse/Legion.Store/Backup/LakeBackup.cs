using System.IO.Compression;

namespace Legion.Store;

/// <summary>What a backup or a restore did.</summary>
/// <param name="Copied">Objects that were not there yet.</param>
/// <param name="Kept">Objects that were.</param>
/// <param name="Dropped">Objects of the backup that the lake has no longer.</param>
public readonly record struct BackupTotals(long Copied, long CopiedBytes, long Kept, long Dropped);

/// <summary>
/// A copy of a lake in a folder: its objects by their keys, and a dump of its catalog that any kind of catalog can load. Partitions are left out, as they are built again.
/// Objects never change, so that a second backup copies what is new, and drops what retention or an erasure has taken from the lake.
/// A backup that breaks off leaves the dump before it; objects go when the new dump is in place.
/// </summary>
public sealed class LakeBackup(string folder)
{
    const string DumpFile = "catalog.jsonl.gz";

    /// <summary>Objects go or move between the dump and their copy only where retention, an erasure or a sweep works meanwhile; then the next dump no longer names them.</summary>
    const int MostDumps = 5;

    readonly FolderObjectStore backup = new(folder);

    string Dump => Path.Combine(folder, DumpFile);

    /// <exception cref="StoreUnavailableException">A disk or the database refused.</exception>
    public async Task<BackupTotals> WriteAsync(LakeStore lake, IProgress<long>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var there = await KeysAsync(backup, cancellation);
        var totals = new BackupTotals(0, 0, there.Count, 0);
        var dump = backup.NewTemporaryFile();
        for (var dumps = 1; ; dumps++)
        {
            await lake.Catalog.DumpAsync(() => new StreamWriter(new GZipStream(File.Create(dump), CompressionLevel.Fastest)), cancellation);
            foreach (var prefix in StoreNames.TruthPrefixes)
            {
                await foreach (var (key, bytes) in lake.Objects.ListAsync(prefix, cancellation))
                {
                    if (there.Contains(key)) continue;
                    if (!await TryCopyAsync(lake.Objects, backup, key, bytes, cancellation)) continue;
                    there.Add(key);
                    totals = totals with { Copied = totals.Copied + 1, CopiedBytes = totals.CopiedBytes + bytes };
                    progress?.Report(totals.Copied);
                }
            }
            // What was put after the dump lies there, too, and belongs to the next backup.
            if (NamedIn(dump).FirstOrDefault(key => !there.Contains(key)) is not { } missing) break;
            if (dumps == MostDumps) throw new StoreUnavailableException($"cannot back up lake '{lake.Location}': its catalog names object '{missing}', which is not there; see `legion lake verify`");
        }
        using (var written = File.OpenHandle(dump, FileMode.Open, FileAccess.ReadWrite)) Posix.SyncData(written, dump);
        File.Move(dump, Dump, overwrite: true);
        Posix.SyncFolder(folder);
        return totals with { Dropped = await DropAsync(lake, there, cancellation) };
    }

    /// <summary>Fills an empty lake.</summary>
    /// <exception cref="InvalidDataException">The lake is not empty, or the backup is damaged.</exception>
    /// <exception cref="FileNotFoundException">There is no backup.</exception>
    public async Task<BackupTotals> RestoreAsync(LakeStore lake, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (!File.Exists(Dump)) throw new FileNotFoundException($"cannot restore from '{folder}': it has no {DumpFile}, which `legion lake backup` writes");
        if ((await lake.Catalog.ReadTenantsAsync(cancellation)).Count > 0 || (await lake.Catalog.ReadKeysAsync(null, cancellation)).Count > 0)
            throw new InvalidDataException($"cannot restore into lake '{lake.Location}': its catalog is not empty; name a new lake");
        var named = NamedIn(Dump).ToHashSet(StringComparer.Ordinal);
        var totals = default(BackupTotals);
        foreach (var prefix in StoreNames.TruthPrefixes)
        {
            await foreach (var (key, bytes) in backup.ListAsync(prefix, cancellation))
            {
                if (!await TryCopyAsync(backup, lake.Objects, key, bytes, cancellation)) throw new InvalidDataException($"cannot restore object '{key}': it went while it was read");
                named.Remove(key);
                totals = totals with { Copied = totals.Copied + 1, CopiedBytes = totals.CopiedBytes + bytes };
                progress?.Report(totals.Copied);
            }
        }
        if (named.Count > 0) throw new InvalidDataException($"cannot restore from '{folder}': its catalog names object '{named.First()}', which is not there");
        await lake.Catalog.LoadAsync(Open, cancellation);
        return totals;
    }

    StreamReader Open() => new(new GZipStream(File.OpenRead(Dump), CompressionMode.Decompress));

    /// <summary>Drops from the backup what the lake no longer has.</summary>
    async Task<long> DropAsync(LakeStore lake, HashSet<string> there, CancellationToken cancellation)
    {
        var named = NamedIn(Dump).ToHashSet(StringComparer.Ordinal);
        there.ExceptWith(named);
        there.ExceptWith(await KeysAsync(lake.Objects, cancellation));
        foreach (var key in there) await backup.DeleteAsync(key, cancellation);
        return there.Count;
    }

    static async Task<bool> TryCopyAsync(IObjectStore from, IObjectStore to, string key, long bytes, CancellationToken cancellation)
    {
        try
        {
            await to.PutAsync(key, [await from.ReadAsync(key, 0, (int)bytes, cancellation)], cancellation);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    static async Task<HashSet<string>> KeysAsync(IObjectStore objects, CancellationToken cancellation)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var prefix in StoreNames.TruthPrefixes)
            await foreach (var stored in objects.ListAsync(prefix, cancellation)) keys.Add(stored.Key);
        return keys;
    }

    /// <summary>The objects that a dump says there are: those that blocks lie in, requests that are not blocks yet, and pages of reports. Arrivals without one spend a key, reports without one are gone.</summary>
    static IEnumerable<string> NamedIn(string dump)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(dump), CompressionMode.Decompress));
        var column = -1;
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith('{')) column = CatalogDump.Read(line) is CatalogDump.Table { Name: "blocks" or "arrivals" or "reports" } table ? Array.IndexOf(table.Columns, "object_key") : -1;
            else if (column >= 0 && CatalogDump.Read(line) is object[] row && row.Length > column && row[column] is string { Length: > 0 } key) yield return key;
        }
    }
}
