namespace Legion.Store;

/// <summary>An opened lake: its objects and its catalog. Several processes may have the same lake open.</summary>
public sealed class LakeStore
{
    LakeStore(LakeLocation location, IObjectStore objects, ICatalog catalog)
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
        if (!Directory.Exists(location.Folder))
            throw new LakeNotFoundException($"cannot open lake '{location}': no such folder; create it with `legion import FILE --lake {location}` or `legion serve --lake {location}`");
        if (!File.Exists(Path.Combine(location.Folder, StoreNames.CatalogFile)))
            throw new LakeNotFoundException($"cannot open lake '{location}': the folder has no {StoreNames.CatalogFile}; create a lake there with `legion import FILE --lake {location}` or `legion serve --lake {location}`");
        return OpenFolder(location);
    }

    /// <summary>Opens a lake to write to, and creates it where there is none.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened or created.</exception>
    public static LakeStore OpenOrCreate(LakeLocation location)
    {
        try
        {
            CreateDurably(location.Folder);
            var store = OpenFolder(location);
            Posix.SyncFolder(location.Folder); // the catalog's own entry
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

    static LakeStore OpenFolder(LakeLocation location) =>
        new(location, new FolderObjectStore(location.Folder), SqliteCatalog.Open(Path.Combine(location.Folder, StoreNames.CatalogFile)));
}
