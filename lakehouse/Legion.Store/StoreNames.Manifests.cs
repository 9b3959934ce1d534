namespace Legion.Store;

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
    public static bool TryReadManifest(string key, out Guid processId, out int daysSinceEpoch)
    {
        (processId, daysSinceEpoch) = (default, 0);
        return key.Split('/') is [.., var date, var process, ManifestFile] && TryReadDay(After(date, "date="), out daysSinceEpoch) && Guid.TryParseExact(After(process, "process_id="), "D", out processId);
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
