namespace Legion.Store;

/// <summary>What the key of a manifest says.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
public readonly record struct ManifestName(string View, int SchemaVersion, Tenant Tenant, int Day, Guid ProcessId);

public static partial class StoreNames
{
    public const string ManifestsFolder = "manifests/";

    const string ManifestFile = "manifest";

    /// <summary>Is there where somebody asked for the manifests of a tenant's view.</summary>
    public static string ManifestMark(string view, Tenant tenant) => $"{ManifestsFolder}{view}/{tenant}.published";

    /// <summary>Prefix of the manifests of a tenant's view, ending in '/': where the table of another engine lies.</summary>
    public static string ManifestsPrefix(string view, int schemaVersion, Tenant tenant) => $"{ManifestsFolder}{view}/v={schemaVersion}/tenant={tenant}/";

    /// <summary>Key of the text that names the current files of one process and day.</summary>
    public static string Manifest(string view, int schemaVersion, Tenant tenant, int daysSinceEpoch, Guid processId) =>
        $"{ManifestsPrefix(view, schemaVersion, tenant)}date={Day(daysSinceEpoch)}/process_id={processId:D}/{ManifestFile}";

    /// <returns>False where the key is none that <see cref="Manifest"/> makes.</returns>
    public static bool TryReadManifest(string key, out ManifestName name)
    {
        name = default;
        if (!key.StartsWith(ManifestsFolder, StringComparison.Ordinal)) return false;
        // From the end, as a view of user-defined events has a name that somebody else chose.
        if (key[ManifestsFolder.Length..].Split('/') is not [.. var view, var version, var tenant, var date, var process, ManifestFile] || view.Length == 0) return false;
        if (!int.TryParse(After(version, "v="), out var schemaVersion) || !Tenant.IsName(After(tenant, "tenant="))) return false;
        if (!TryReadDay(After(date, "date="), out var day) || !Guid.TryParseExact(After(process, "process_id="), "D", out var processId)) return false;
        name = new ManifestName(string.Join('/', view), schemaVersion, new Tenant(After(tenant, "tenant=")), day, processId);
        return true;
    }

    /// <summary>The view of which <see cref="ManifestMark"/> made the key for the tenant; null for another key.</summary>
    public static string? ViewOfManifestMark(string key, Tenant tenant)
    {
        var end = $"/{tenant}.published";
        return key.StartsWith(ManifestsFolder, StringComparison.Ordinal) && key.EndsWith(end, StringComparison.Ordinal) && key.Length > ManifestsFolder.Length + end.Length
            ? key[ManifestsFolder.Length..^end.Length] : null;
    }

    /// <summary>The day and the schema version in the key of a view's file.</summary>
    /// <returns>False where the key is none that <see cref="ViewFile"/> makes.</returns>
    public static bool TryReadViewFolder(string key, out int schemaVersion, out int daysSinceEpoch)
    {
        (schemaVersion, daysSinceEpoch) = (0, 0);
        return key.Split('/') is [_, .., var version, _, var date, _, _] && int.TryParse(After(version, "v="), out schemaVersion) && TryReadDay(After(date, "date="), out daysSinceEpoch);
    }

    static string After(string part, string prefix) => part.StartsWith(prefix, StringComparison.Ordinal) ? part[prefix.Length..] : "";
}
