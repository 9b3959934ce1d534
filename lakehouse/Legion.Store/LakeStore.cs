namespace Legion.Store;

/// <summary>An opened lake: its objects and its catalog. Several processes may have the same lake open.</summary>
public sealed class LakeStore
{
    internal LakeStore(LakeLocation location, IObjectStore objects, ICatalog catalog)
    {
        Location = location;
        Objects = objects;
        Catalog = catalog;
    }

    public LakeLocation Location { get; }
    public IObjectStore Objects { get; }
    public ICatalog Catalog { get; }

    /// <summary>Opens a lake that exists.</summary>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public static LakeStore Open(LakeLocation location)
    {
        if (location.Folder is { } folder)
        {
            if (!Directory.Exists(folder))
                throw new LakeNotFoundException($"cannot open lake '{location}': no such folder; create it with `legion import FILE --lake {location}` or `legion serve --lake {location}`");
            if (location.Catalog is null && !File.Exists(CatalogFile(folder)))
                throw new LakeNotFoundException($"cannot open lake '{location}': the folder has no {StoreNames.CatalogFile}; create a lake there with `legion import FILE --lake {location}` or `legion serve --lake {location}`");
        }
        return OpenParts(location);
    }

    /// <summary>Opens a lake to write to, and creates it where there is none. A bucket and a database must exist.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened or created.</exception>
    public static LakeStore OpenOrCreate(LakeLocation location)
    {
        if (location.Folder is not { } folder) return OpenParts(location);
        try
        {
            CreateDurably(folder);
            var store = OpenParts(location);
            Posix.SyncFolder(folder); // the catalog's own entry
            return store;
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not StoreUnavailableException)
        {
            throw new StoreUnavailableException($"cannot create lake '{location}': {cause.Message}", cause);
        }
    }

    static void CreateDurably(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        CreateDurably(parent);
        Directory.CreateDirectory(folder);
        Posix.SyncFolder(parent);
    }

    static LakeStore OpenParts(LakeLocation location) => new(location, OpenObjects(location), OpenCatalog(location));

    static IObjectStore OpenObjects(LakeLocation location) => location.Folder is { } folder ? new FolderObjectStore(folder) : S3ObjectStore.Open(location.S3!);

    static ICatalog OpenCatalog(LakeLocation location) =>
        location.Catalog is { } address ? MySqlCatalog.Open(address) : SqliteCatalog.Open(CatalogFile(location.Folder!));

    static string CatalogFile(string folder) => Path.Combine(folder, StoreNames.CatalogFile);
}
