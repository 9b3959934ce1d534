namespace Legion.Store;

/// <summary>Where a lake lies: a folder that holds the objects and, in SQLite, the catalog.</summary>
public sealed record LakeLocation
{
    LakeLocation(string folder) => Folder = folder;

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
