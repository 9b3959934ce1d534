using System.Diagnostics;
using System.Globalization;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>Materializes a view in a program of its own, so that its memory is that of the work and not of what the benchmark did before.</summary>
static class MaterializingProgram
{
    public const string Argument = "--materialize";

    /// <summary>Starts this program anew to materialize a view of a process.</summary>
    /// <returns>How long that took without the program's start, and the most memory it had resident.</returns>
    public static (TimeSpan Took, double PeakMiB) Run(string folder, string view, Guid process)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])[Argument, folder, view, $"{process}"]) start.ArgumentList.Add(argument);
        using var program = Process.Start(start)!;
        var said = program.StandardOutput.ReadToEnd().Split(' ');
        program.WaitForExit();
        if (program.ExitCode != 0 || said.Length != 2) throw new InvalidOperationException($"expected two numbers of the program that materializes, saw '{string.Join(' ', said)}' and exit code {program.ExitCode}");
        return (TimeSpan.FromSeconds(double.Parse(said[0], CultureInfo.InvariantCulture)), double.Parse(said[1], CultureInfo.InvariantCulture));
    }

    public static async Task RunAsync(string folder, string view, Guid process)
    {
        var lake = new Lake(LakeStore.Open(LakeLocation.Parse(folder)));
        var watch = Stopwatch.StartNew();
        await lake.MaterializeAsync(view, process);
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds} {PeakMemory.MiB()}"));
    }
}
