namespace Legion.Store;

/// <summary>Where a lake lies: its objects in a folder or on S3, its catalog in SQLite inside the folder or on a MySQL server.</summary>
public sealed record LakeLocation
{
    /// <summary>Name of the environment variable that names a lake where nothing else does.</summary>
    public const string Variable = "LEGION_LAKE";

    /// <summary>Name of the environment variable that names a catalog where nothing else does.</summary>
    public const string CatalogVariable = "LEGION_CATALOG";

    LakeLocation(string? folder, S3Location? s3, CatalogAddress? catalog)
    {
        Folder = folder;
        S3 = s3;
        Catalog = catalog;
    }

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

    /// <summary>What <see cref="CatalogVariable"/> says; null where it is not set.</summary>
    public static string? DefaultCatalog => Environment.GetEnvironmentVariable(CatalogVariable) is { Length: > 0 } named ? named : null;

    /// <summary>The full path of the folder that holds the objects; null where they lie on S3.</summary>
    public string? Folder { get; }

    /// <summary>Bucket and prefix that hold the objects; null where they lie in a folder.</summary>
    public S3Location? S3 { get; }

    /// <summary>The database that holds the catalog; null where it is SQLite inside the folder.</summary>
    public CatalogAddress? Catalog { get; }

    /// <summary>As <see cref="Parse"/>, with the catalog and the S3 settings that the environment names.</summary>
    /// <exception cref="FormatException">The text, or the environment, names no lake.</exception>
    public static LakeLocation ParseWithEnvironment(string text) => Parse(text, DefaultCatalog, S3Settings.FromEnvironment);

    /// <summary>Reads <c>DIR</c>, <c>file:DIR</c> or <c>s3://bucket/prefix</c>, and the address of its catalog, which a lake on S3 must have.</summary>
    /// <param name="s3">How to reach S3, asked for a lake there only; null: AWS itself.</param>
    /// <exception cref="FormatException">The texts name no lake.</exception>
    public static LakeLocation Parse(string text, string? catalog = null, Func<S3Settings>? s3 = null)
    {
        var address = catalog is null ? null : CatalogAddress.Parse(catalog);
        if (text.StartsWith("s3:", StringComparison.OrdinalIgnoreCase))
        {
            var location = S3Location.Parse(text, s3?.Invoke() ?? new S3Settings());
            return address is null
                ? throw new FormatException($"cannot open lake '{text}': a lake on S3 needs a catalog; name it with --catalog mysql://user:password@host:port/database or {CatalogVariable}")
                : new LakeLocation(null, location, address);
        }
        var folder = text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? text["file:".Length..] : text;
        if (folder.StartsWith("//", StringComparison.Ordinal)) folder = "/" + folder.TrimStart('/');
        if (folder.AsSpan().Trim().IsEmpty) throw new FormatException($"cannot open lake '{text}': expected a folder, as DIR or file:DIR, or s3://bucket/prefix");
        return new LakeLocation(Path.GetFullPath(folder), null, address);
    }

    /// <summary>An object's address for other programs: <c>file:///folder/key</c> or <c>s3://bucket/prefix/key</c>.</summary>
    public string UriOf(string key) => S3 is { } s3 ? $"s3://{s3.Bucket}/{s3.Prefix}{key}" : new Uri(Path.Combine(Folder!, key)).AbsoluteUri;

    /// <summary>Where the objects lie. The catalog is left out.</summary>
    public override string ToString() => Folder ?? S3!.ToString();
}
