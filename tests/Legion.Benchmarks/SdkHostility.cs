using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Legion.Tests.Support;
using Legion.Victim;

namespace Legion.Benchmarks;

/// <summary>
/// How fast a program's own loop goes while machine or server treat its recording badly, against the same loop while all is well: in turns, in a process of its own for each case,
/// as limits are a process's. The servers are in this one.
/// </summary>
static class SdkHostility
{
    const string Bench = "sdk";
    const double LeastSpeed = 0.98;

    /// <summary>What a case is called, what the machine refuses in it, and how its server behaves.</summary>
    static readonly (string Name, Adversity Adversity, Hostility Hostility)[] cases =
    [
        ("full-disk", Adversity.FullDisk, Hostility.NeverAnswers),
        ("read-only-spool", Adversity.ReadOnlyFolder, Hostility.NeverAnswers),
        ("deleted-spool", Adversity.DeletedFolder, Hostility.NeverAnswers),
        ("no-file-handles", Adversity.NoFileHandles, Hostility.NeverAnswers),
        ("no-threads", Adversity.NoThreads, Hostility.NeverAnswers),
        ("reads-slowly", Adversity.None, Hostility.ReadsSlowly),
        ("answers-slowly", Adversity.None, Hostility.Trickle),
        ("huge-answers", Adversity.None, Hostility.EndlessBody),
        ("garbage", Adversity.None, Hostility.Garbage),
        ("redirects", Adversity.None, Hostility.Redirect),
        ("redirect-loop", Adversity.None, Hostility.RedirectToItself),
        ("closes-at-once", Adversity.None, Hostility.CloseAtOnce),
        ("never-answers", Adversity.None, Hostility.NeverAnswers),
    ];

    public static IEnumerable<BenchmarkRow> Run()
    {
        if (!OperatingSystem.IsLinux()) yield break;
        foreach (var (name, adversity, hostility) in cases)
        {
            var runs = RunHost(adversity, hostility);
            yield return BenchmarkRow.Of(Bench, "host-speed-" + name, "ratio", [.. runs.Select(run => run.Speed)], Aim.AtLeast, LeastSpeed);
            yield return BenchmarkRow.Of(Bench, "host-wall-" + name, "ratio", [.. runs.Select(run => run.WallSpeed)]);
            yield return BenchmarkRow.Of(Bench, "held-memory-" + name, "MiB", [runs.Max(run => run.HeldBytes) / (1 << 20)], Aim.AtMost, HostLoop.CapBytes / (double)(1 << 20));
        }
    }

    [SupportedOSPlatform("linux")]
    static List<(double Speed, double WallSpeed, double HeldBytes)> RunHost(Adversity adversity, Hostility hostility)
    {
        using var healthy = new SdkTotal.Acknowledging();
        using var hostile = new HostileServer(hostility);
        var folder = Directory.CreateTempSubdirectory("legion-hostility-").FullName;
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, [HostLoop.Argument, adversity.ToString(), healthy.Address.AbsoluteUri, hostile.Url.AbsoluteUri, folder]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var runs = new List<(double, double, double)>();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                var figures = line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
                runs.Add((figures[0], figures[1], figures[2]));
            }
            process.WaitForExit();
            return process.ExitCode == 0 ? runs : throw new InvalidOperationException($"the host in {adversity} with a server that is {hostility} ended with {process.ExitCode}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
