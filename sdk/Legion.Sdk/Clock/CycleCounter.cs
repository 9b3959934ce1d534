using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Legion.Sdk;

/// <summary>
/// The processor's time stamp counter. .NET has no intrinsic for it, so ten bytes of machine code are put into a page
/// that is first writable, then executable, never both.
/// </summary>
static unsafe partial class CycleCounter
{
    const nuint PageBytes = 4096;

    /// <summary>rdtsc; shl rdx, 32; or rax, rdx; ret.</summary>
    static ReadOnlySpan<byte> Code => [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    /// <summary>
    /// A function that reads the counter. Null where the counter may change its rate or stop, where the system refuses
    /// executable pages, and where the program was compiled ahead of time and so may be hardened against them.
    /// </summary>
    public static delegate* managed<ulong> TryMake()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !IsInvariant()) return null;
        return OperatingSystem.IsWindows() ? MakeOnWindows() : OperatingSystem.IsLinux() ? MakeOnLinux() : null;
    }

    /// <summary>CPUID 8000_0007h, EDX bit 8: the counter runs at one rate in all power states.</summary>
    static bool IsInvariant()
    {
        if (!X86Base.IsSupported) return false;
        const int advancedPowerManagement = unchecked((int)0x8000_0007);
        if ((uint)X86Base.CpuId(unchecked((int)0x8000_0000), 0).Eax < 0x8000_0007) return false;
        return (X86Base.CpuId(advancedPowerManagement, 0).Edx & 1 << 8) != 0;
    }

    static delegate* managed<ulong> MakeOnLinux()
    {
        const int readWrite = 3, readExecute = 5, privateAnonymous = 0x22;
        var page = MMap(null, PageBytes, readWrite, privateAnonymous, -1, 0);
        if ((nint)page == -1) return null;
        Code.CopyTo(new Span<byte>(page, Code.Length));
        return MProtect(page, PageBytes, readExecute) == 0 ? (delegate* managed<ulong>)page : null;
    }

    static delegate* managed<ulong> MakeOnWindows()
    {
        const uint commitReserve = 0x3000, readWrite = 0x04, executeRead = 0x20;
        var page = VirtualAlloc(null, PageBytes, commitReserve, readWrite);
        if (page is null) return null;
        Code.CopyTo(new Span<byte>(page, Code.Length));
        return VirtualProtect(page, PageBytes, executeRead, out _) != 0 ? (delegate* managed<ulong>)page : null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* MMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int MProtect(void* address, nuint length, int protection);

    [LibraryImport("kernel32")]
    private static partial void* VirtualAlloc(void* address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(void* address, nuint length, uint protection, out uint old);
}
