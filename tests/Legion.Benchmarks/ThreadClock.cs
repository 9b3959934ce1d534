using System.Runtime.InteropServices;

namespace Legion.Benchmarks;

/// <summary>Processor time of the calling thread alone, which .NET does not give out.</summary>
static partial class ThreadClock
{
    const int ThreadCpuTime = 3;

    public static long Ns
    {
        get
        {
            if (GetTime(ThreadCpuTime, out var time) != 0) throw new PlatformNotSupportedException($"the system does not tell a thread's processor time: error {Marshal.GetLastPInvokeError()}");
            return time.Seconds * 1_000_000_000 + time.Ns;
        }
    }

    struct TimeOfSystem
    {
        public long Seconds, Ns;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeOfSystem time);
}
