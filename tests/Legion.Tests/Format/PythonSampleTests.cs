using System.Diagnostics;
using System.Text.Json;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>What a real program recorded, decoded by the reader in Python, adds up to what the program counted for itself.</summary>
public sealed class PythonSampleTests : IDisposable
{
    // Beside the tests' own output: .../bin/Legion.Tests/CONFIGURATION/.
    static readonly DirectoryInfo Output = new(AppContext.BaseDirectory);

    static readonly string Sample = Path.Combine(Output.Parent!.Parent!.FullName, "Legion.Sample.Archive", Output.Name,
        OperatingSystem.IsWindows() ? "Legion.Sample.Archive.exe" : "Legion.Sample.Archive");

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void CountsOfTheSampleAgree()
    {
        var path = Path.Combine(folder.FullName, "sample.legion");
        var tally = RunSample("--seconds", "1", "--out", path);
        var (exitCode, lines) = PythonReader.Run("legion_reader.py", "--events=legion.log", "--events=FrameStats", path);
        Assert.Equal(0, exitCode);
        var blocks = lines.Where(line => line.TryGetProperty("block", out _)).ToArray();
        var types = blocks.SelectMany(block => block.GetProperty("types").EnumerateObject())
            .GroupBy(type => type.Name, type => type.Value.GetInt64())
            .ToDictionary(counts => counts.Key, counts => counts.Sum());

        Assert.All(blocks, block => Assert.Equal(tally.GetProperty("process_id").GetGuid(), block.GetProperty("process").GetGuid()));
        Assert.Equal(0, tally.GetProperty("dropped").GetInt64());
        Assert.Equal(tally.GetProperty("events").GetInt64(), blocks.Sum(block => block.GetProperty("events").GetInt64()));
        var spans = tally.GetProperty("spans").GetInt64();
        Assert.Equal((spans, spans), (types[WellKnown.SpanBegin] + types[WellKnown.SpanBeginDynamic], types[WellKnown.SpanEnd]));
        Assert.Equal(tally.GetProperty("metrics").GetInt64(), types[WellKnown.Metric]);
        Assert.Equal(tally.GetProperty("user_events").GetProperty("FrameStats").GetInt64(), types["FrameStats"]);

        var rows = PythonReader.Events(lines).ToArray();
        var severities = rows.Where(row => row.TryGetProperty("severity", out _)).Select(row => (Level)row.GetProperty("severity").GetInt32()).ToArray();
        var logs = tally.GetProperty("logs");
        Assert.Equal(
            [logs.GetProperty("debug").GetInt32(), logs.GetProperty("info").GetInt32(), logs.GetProperty("warn").GetInt32(), logs.GetProperty("error").GetInt32()],
            new[] { Level.Debug, Level.Info, Level.Warn, Level.Error }.Select(level => severities.Count(severity => severity == level)));
        var frames = rows.Where(row => row.TryGetProperty("Number", out _)).Select(row => row.GetProperty("Number").GetInt32()).ToArray();
        Assert.Equal(Enumerable.Range(frames[0], frames.Length), frames);
    }

    static JsonElement RunSample(params string[] arguments)
    {
        Assert.True(File.Exists(Sample), $"found no {Sample}; the solution's build makes it");
        using var process = Process.Start(new ProcessStartInfo(Sample, arguments) { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return JsonDocument.Parse(line).RootElement;
    }
}
