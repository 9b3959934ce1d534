using System.Reflection;
using Legion.Kernel.Cells.Packages;
using Microsoft.CodeAnalysis;

namespace Legion.Kernel.Cells;

/// <summary>
/// What the cells of a session compile against: the program's own assemblies, and what <c>#r</c> added.
/// Where both have an assembly of one name, the program's is used, as it is loaded already or may be at any time.
/// </summary>
sealed class CellReferences(PackageRestore restore)
{
    // Path of each assembly by its name. None can be taken back: the runtime keeps what it has loaded.
    readonly Dictionary<string, string> _added = new(StringComparer.OrdinalIgnoreCase);

    // Names of the program's own that were asked for.
    readonly HashSet<string> _own = new(StringComparer.OrdinalIgnoreCase);

    // Every package that was loaded, those that others asked for too, with the version.
    readonly Dictionary<string, string> _packages = new(StringComparer.OrdinalIgnoreCase);

    IReadOnlyList<MetadataReference>? _all;

    public IReadOnlyList<MetadataReference> All => _all ?? ScriptReferences.All;

    /// <summary>Loads an assembly's file, or finds that the name is one of the program's.</summary>
    /// <exception cref="DirectiveException">There is no such assembly, or another of its name is loaded.</exception>
    public void AddFile(CellDirective directive, string folder)
    {
        var path = Path.GetFullPath(directive.Value, folder);
        if (!File.Exists(path))
        {
            if (ScriptReferences.IsOwn(directive.Value))
            {
                TakeOwn(directive.Value);
                return;
            }
            throw Error(directive, $"found no assembly '{directive.Value}': looked for '{path}'; a package is written as #r \"nuget: Id, Version\"");
        }
        string name;
        try
        {
            name = AssemblyName.GetAssemblyName(path).Name!;
        }
        catch (BadImageFormatException e)
        {
            throw Error(directive, $"'{path}' is no .NET assembly", e);
        }
        if (_added.TryGetValue(name, out var other) && other != path)
            throw Error(directive, $"the assembly '{name}' is loaded already, from '{other}': only a restart of the kernel makes room for another");
        Add([path]);
    }

    /// <summary>Loads packages with all that they depend on.</summary>
    /// <param name="directives">Those of packages among the ones of a cell.</param>
    /// <param name="progress">Told what is being done, where it takes a while.</param>
    /// <returns>One line that says what was loaded; null where all of it was there.</returns>
    /// <exception cref="DirectiveException">NuGet cannot restore them, or another version is loaded.</exception>
    public async Task<string?> AddPackagesAsync(IReadOnlyList<CellDirective> directives, string folder, Action<string> progress, CancellationToken cancel)
    {
        var asked = new List<(CellDirective At, PackageRequest Package)>();
        foreach (var directive in directives)
        {
            var package = PackageRequest.Read(directive);
            if (!_packages.TryGetValue(package.Id, out var version))
                asked.Add((directive, package));
            else if (package.Version is not null && !package.IsMetBy(version))
                throw Error(directive, $"package '{package.Id}' {version} is loaded already: only a restart of the kernel makes room for version {package.Version}");
        }
        if (asked.Count == 0)
            return null;

        // What is loaded stays: NuGet finds the rest so that it fits, or says why it cannot.
        var all = _packages.Select(loaded => new PackageRequest(loaded.Key, $"[{loaded.Value}]")).Concat(asked.Select(item => item.Package)).ToList();
        RestoredPackages restored;
        try
        {
            restored = await restore.RunAsync(all, folder, () => progress($"restoring {Join(asked.Select(item => item.Package.ToString()))}"), cancel).ConfigureAwait(false);
        }
        catch (PackageException e)
        {
            var (at, _) = asked.FirstOrDefault(item => e.Package is not null && item.Package.Id.Equals(e.Package, StringComparison.OrdinalIgnoreCase), asked[0]);
            throw Error(at, $"cannot load {Join(asked.Select(item => item.Package.ToString()))}: {e.Message}", e);
        }

        PackageNatives.Add(restored.Natives);
        var own = Add(restored.Assemblies);
        foreach (var (id, version) in restored.Versions)
            _packages[id] = version;
        var loadedNow = Join(asked.Select(item => $"{item.Package.Id} {restored.VersionOf(item.Package.Id)}"));
        return own.Count == 0 ? $"loaded {loadedNow}" : $"loaded {loadedNow}; the kernel's own {Join(own)} is used";
    }

    /// <returns>Names of those that the program has itself, where that is new.</returns>
    List<string> Add(IReadOnlyList<string> paths)
    {
        var own = new List<string>();
        foreach (var path in paths)
        {
            var name = AssemblyName.GetAssemblyName(path).Name!;
            if (ScriptReferences.IsOwn(name))
            {
                if (TakeOwn(name))
                    own.Add(name);
            }
            else if (_added.TryAdd(name, path))
                _all = [.. All, MetadataReference.CreateFromFile(path, documentation: XmlDocumentation.Of(path))];
        }
        return own;
    }

    /// <returns>Whether that is new.</returns>
    bool TakeOwn(string name)
    {
        if (!_own.Add(name))
            return false;
        if (!ScriptReferences.IsKnown(name) && ScriptReferences.Of(name) is { } reference)
            _all = [.. All, reference];
        return true;
    }

    static string Join(IEnumerable<string> names) => string.Join(", ", names);

    static DirectiveException Error(CellDirective directive, string problem, Exception? cause = null) =>
        new(problem, directive.Line, directive.Column, cause);
}
