namespace Legion.Tests.Support;

/// <summary>The program that runs SQL in processes of its own, as it lies beside the tests.</summary>
static class TestWorkers
{
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Legion.Cli.exe" : "Legion.Cli");
}
