namespace Legion.Benchmarks;

/// <summary>The clone that the benchmarks were built in.</summary>
static class RepositoryRoot
{
    public static string Of(string folder) => File.Exists(Path.Combine(folder, "Legion.sln")) ? folder
        : Of(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("cannot find Legion.sln above the benchmarks"));
}
