namespace Legion.Tests.Format;

/// <summary>The source tree that the tests were built from.</summary>
static class RepositoryTree
{
    /// <summary>The folder of the solution, found upwards from the test's own.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Legion.sln")) ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"cannot find Legion.sln above {AppContext.BaseDirectory}"));
}
