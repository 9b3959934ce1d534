namespace Legion.Store;

/// <summary>Where a lake lies: a folder that holds the objects and, in SQLite, the catalog.</summary>
public sealed record LakeLocation
{
    /// <summary>Name of the environment variable that names a lake where nothing else does.</summary>
    public const string Variable = "LEGION_LAKE";

    LakeLocation(string folder) => Folder = folder;

    /// <summary>What <see cref="Variable"/> says, or else <c>legion/lake</c> in the user's data folder.</summary>
    /// <exception cref="FormatException">The user has no data folder.</exception>
    public static string DefaultText
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return named;
            var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return data.Length > 0 ? Path.Combine(data, "legion", "lake") : throw new FormatException($"cannot find the user's data folder; name a lake, or set {Variable}");
        }
    }

    /// <summary>The full path.</summary>
    public string Folder { get; }

    /// <summary>Reads <c>DIR</c> or <c>file:DIR</c>.</summary>
    /// <exception cref="FormatException">The text names no lake that this version can open.</exception>
    public static LakeLocation Parse(string text)
    {
        if (text.StartsWith("s3:", StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"cannot open lake '{text}': this version stores lakes in folders only; give DIR or file:DIR");
        var folder = text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? text["file:".Length..] : text;
        if (folder.StartsWith("//", StringComparison.Ordinal)) folder = "/" + folder.TrimStart('/');
        if (folder.AsSpan().Trim().IsEmpty) throw new FormatException($"cannot open lake '{text}': expected a folder, as DIR or file:DIR");
        return new LakeLocation(Path.GetFullPath(folder));
    }

    public override string ToString() => Folder;
}
