using Legion.Kernel.Cells.Packages;

namespace Legion.Kernel.Cells;

/// <summary>Where a session looks for files.</summary>
public sealed record SessionFolders
{
    /// <summary>What paths in cells are relative to, and where NuGet's configuration is looked for first: the notebook's folder. A full path.</summary>
    public string Working { get; init; } = Environment.CurrentDirectory;

    /// <summary>Where it is kept which files belong to packages that were restored.</summary>
    public string PackageCache { get; init; } = PackageRestore.DefaultCacheFolder;
}

/// <summary>How one cell is executed.</summary>
public sealed record CellOptions
{
    /// <summary>Has a number in the notebook. Without it the cell leaves the count as it is.</summary>
    public bool IsCounted { get; init; } = true;

    /// <summary>Answers what the cell asks; without it, asking is an error.</summary>
    public CellInput Input { get; init; } = static (_, _) =>
        throw new InvalidOperationException("cannot ask for input: nobody looks at this run; a run from the command line sets variables with --set name=value");
}
