namespace Legion.Cli;

/// <summary>The clone of the repository that the running program was built in.</summary>
sealed class Clone
{
    const string SolutionFile = "Legion.sln";

    Clone(string folder) => Folder = folder;

    public string Folder { get; }

    public string Solution => Path.Combine(Folder, SolutionFile);

    /// <summary>A new folder for the output of one run; the last run's of the same name is gone.</summary>
    public string EmptyOutputFolder(string name)
    {
        var folder = Path.Combine(Folder, "artifacts", name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Null where the program is installed, not built in a clone.</summary>
    public static Clone? Around
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, SolutionFile))) return new Clone(folder.FullName);
            return null;
        }
    }

    /// <exception cref="CommandFailure">The program is installed, not built in a clone.</exception>
    public static Clone Find(string command) => Around
        ?? throw CommandFailure.Usage($"cannot run `legion {command}` here: it works in a clone of the repository only, started as ./legion {command}");
}
