using System.Text.Json;

namespace Legion.Kernel.Cells.Packages;

/// <summary>What a restore gave for this machine: versions, assemblies and native libraries of a set of packages and of all they depend on.</summary>
/// <remarks>Read from NuGet's <c>project.assets.json</c>.</remarks>
sealed class RestoredPackages
{
    readonly Dictionary<string, string> _versions = new(StringComparer.OrdinalIgnoreCase);
    readonly List<string> _assemblies = [];
    readonly List<string> _natives = [];

    public IReadOnlyDictionary<string, string> Versions => _versions;

    /// <summary>Full paths of what is loaded at run time, which cells compile against too.</summary>
    public IReadOnlyList<string> Assemblies => _assemblies;

    public IReadOnlyList<string> Natives => _natives;

    /// <summary>Nobody has cleaned NuGet's cache since.</summary>
    public bool AreThere => _assemblies.Concat(_natives).All(File.Exists);

    public static RestoredPackages Read(string assets)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
        var root = json.RootElement;
        var folders = root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var libraries = root.GetProperty("libraries");
        var restored = new RestoredPackages();
        // Of the two targets, that with a platform behind the slash has its natives, and the assemblies meant for it.
        var target = root.GetProperty("targets").EnumerateObject().OrderByDescending(target => target.Name.Contains('/')).First().Value;
        foreach (var package in target.EnumerateObject())
        {
            var slash = package.Name.IndexOf('/');
            restored._versions[package.Name[..slash]] = package.Name[(slash + 1)..];
            if (!libraries.GetProperty(package.Name).TryGetProperty("path", out var path))
                continue;
            restored._assemblies.AddRange(Files(package.Value, "runtime", folders, path.GetString()!).Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)));
            restored._natives.AddRange(Files(package.Value, "native", folders, path.GetString()!));
        }
        return restored;
    }

    /// <summary>What NuGet noted as the reason why a restore failed; null where it noted none.</summary>
    public static PackageException? Problem(string assets)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(assets));
        if (!json.RootElement.TryGetProperty("logs", out var logs))
            return null;
        var errors = logs.EnumerateArray().Where(log => Text(log, "level") == "Error").ToList();
        return errors.Count == 0 ? null : new(
            string.Join("; ", errors.Select(log => $"{Text(log, "code")}: {Text(log, "message").ReplaceLineEndings(" ").Trim()}").Distinct()),
            Text(errors[0], "libraryId"));
    }

    public string VersionOf(string id) => _versions[id];

    static IEnumerable<string> Files(JsonElement package, string kind, List<string> folders, string path) =>
        !package.TryGetProperty(kind, out var files) ? [] :
        from file in files.EnumerateObject()
        where !file.Name.EndsWith("/_._", StringComparison.Ordinal) && file.Name != "_._"
        let places = folders.Select(folder => Path.GetFullPath(Path.Combine(folder, path, file.Name))).ToList()
        select places.Find(File.Exists) ?? places[0];

    static string Text(JsonElement log, string name) => log.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
