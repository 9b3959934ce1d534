using System.Runtime.InteropServices;

namespace Legion.Sdk;

/// <summary>The operating system's number of the calling thread, which .NET does not give out.</summary>
static partial class OperatingSystemThread
{
    public static ulong CurrentId
    {
        get
        {
            if (OperatingSystem.IsLinux()) return Environment.Is64BitProcess ? (ulong)SystemCall(ThreadIdCall) : (ulong)Environment.CurrentManagedThreadId;
            return OperatingSystem.IsWindows() ? GetCurrentThreadId() : (ulong)Environment.CurrentManagedThreadId;
        }
    }

    /// <summary>gettid; the function of that name came to the C library only in 2019.</summary>
    static nint ThreadIdCall => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 186 : 178;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number);

    [LibraryImport("kernel32")]
    private static partial uint GetCurrentThreadId();
}
