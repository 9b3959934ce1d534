using System.Diagnostics;
using System.Text.Json;

namespace Legion.Tests.Format;

/// <summary>The programs of tests/readers. They print one JSON object a line.</summary>
static class PythonReader
{
    const string Python = "/usr/bin/python3";

    static readonly string Folder = Path.Combine(RepositoryTree.Root, "tests", "readers");

    public static (int ExitCode, IReadOnlyList<JsonElement> Lines) Run(string script, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is missing");
        var start = new ProcessStartInfo(Python, [Path.Combine(Folder, script), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        process.WaitForExit();
        return (process.ExitCode, lines);
    }

    /// <summary>Runs a program on further files and, behind them, a file of these bytes.</summary>
    public static (int ExitCode, IReadOnlyList<JsonElement> Lines) RunOn(byte[] bytes, string script, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("legion-");
        try
        {
            var path = Path.Combine(folder.FullName, "bytes");
            File.WriteAllBytes(path, bytes);
            return Run(script, [.. arguments, path]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The fields of the events among the lines.</summary>
    public static IEnumerable<JsonElement> Events(IEnumerable<JsonElement> lines) =>
        from line in lines
        where line.TryGetProperty("fields", out _)
        select line.GetProperty("fields");
}
