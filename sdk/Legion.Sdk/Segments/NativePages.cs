using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Legion.Sdk;

/// <summary>Pages of memory that are never unmapped: a thread may hold an address in them at the moment the recording ends.</summary>
static unsafe partial class NativePages
{
    const int ReadWrite = 3, Shared = 0x01, Private = 0x02, Fixed = 0x10;

    static int Anonymous => OperatingSystem.IsLinux() ? 0x20 | NoReserve : 0x1000;

    /// <summary>Linux counts what is reserved and never touched against its limits otherwise.</summary>
    const int NoReserve = 0x4000;

    /// <summary>Zeroed memory of this process alone.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses.</exception>
    public static byte* Reserve(long bytes)
    {
        if (OperatingSystem.IsWindows()) return (byte*)NativeMemory.AllocZeroed((nuint)bytes);
        return Checked(MMap(null, (nuint)bytes, ReadWrite, Private | Anonymous, -1, 0), bytes);
    }

    /// <summary>
    /// Makes sure that the disk has room for the file: a page of a mapped file for which it has none ends the process when it is touched.
    /// The runtime's own preallocation passes over file systems that cannot; the system's library then writes to every block.
    /// </summary>
    /// <exception cref="IOException">There is no room, or the file system cannot promise it.</exception>
    public static void Allocate(SafeFileHandle file, long bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        const int interrupted = 4;
        int error;
        do error = PosixAllocate((int)file.DangerousGetHandle(), 0, (nint)bytes);
        while (error == interrupted);
        if (error != 0) throw new IOException($"cannot allocate {bytes} bytes: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>The bytes of a file, of which the system keeps what was written when the process is killed.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses.</exception>
    public static byte* Map(SafeFileHandle file, long bytes) =>
        Checked(MMap(null, (nuint)bytes, ReadWrite, Shared, (int)file.DangerousGetHandle(), 0), bytes);

    /// <summary>A copy of a file's bytes as they are now: what is written to it stays in this process.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses.</exception>
    public static byte* MapCopy(SafeFileHandle file, long bytes) =>
        Checked(MMap(null, (nuint)bytes, ReadWrite, Private, (int)file.DangerousGetHandle(), 0), bytes);

    /// <summary>True where <see cref="Map"/> works.</summary>
    public static bool CanMap => !OperatingSystem.IsWindows();

    /// <summary>Gives memory and file back. The addresses stay: late writes go nowhere, and readings give zeros.</summary>
    public static void Discard(byte* memory, long bytes)
    {
        if (!OperatingSystem.IsWindows()) MMap(memory, (nuint)bytes, ReadWrite, Private | Anonymous | Fixed, -1, 0);
    }

    static byte* Checked(void* memory, long bytes) => (nint)memory != -1
        ? (byte*)memory
        : throw new OutOfMemoryException($"cannot map {bytes} bytes: error {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixAllocate(int file, nint offset, nint bytes);
}
