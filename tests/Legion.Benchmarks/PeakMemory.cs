namespace Legion.Benchmarks;

/// <summary>The most memory that this process had resident since it was asked to watch.</summary>
static class PeakMemory
{
    /// <summary>Forgets the peak so far. Only Linux can; elsewhere it is that of the whole process.</summary>
    /// <returns>Resident MiB now.</returns>
    public static double Begin()
    {
        // What lies outside of the managed heap goes with its finalizer.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    public static double MiB() => Read("VmHWM:");

    static double Read(string field) => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024.0
        : System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024);
}
