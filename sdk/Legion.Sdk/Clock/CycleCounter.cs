using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Legion.Sdk;

/// <summary>
/// The processor's time stamp counter. .NET has no intrinsic for it, so a few bytes of machine code are put into a page
/// that is first writable, then executable, never both.
/// </summary>
static unsafe partial class CycleCounter
{
    const nuint PageBytes = 4096;

    /// <summary>rdtsc; shl rdx, 32; or rax, rdx; ret.</summary>
    static ReadOnlySpan<byte> X64Code => [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    /// <summary>
    /// mrs x0, cntvct_el0; ret. The counter of Arm's generic timer: one rate in all power states by its architecture (Arm DDI 0487, D12), 24 MHz to 1 GHz,
    /// and readable by programs wherever the system's own clocks read it without a call. These bytes were tried in an emulator; on a real machine of this kind nobody has run them yet.
    /// </summary>
    static ReadOnlySpan<byte> Arm64Code => [0x40, 0xE0, 0x3B, 0xD5, 0xC0, 0x03, 0x5F, 0xD6];

    /// <summary>
    /// A function that reads the counter. Null where the counter may change its rate or stop, where the system refuses
    /// executable pages, and where the program was compiled ahead of time and so may be hardened against them.
    /// </summary>
    public static delegate* managed<ulong> TryMake()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled) return null;
        var code = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 when IsInvariant() => X64Code,
            Architecture.Arm64 => Arm64Code,
            _ => [],
        };
        return code.IsEmpty ? null : OperatingSystem.IsWindows() ? MakeOnWindows(code) : OperatingSystem.IsLinux() ? MakeOnLinux(code) : null;
    }

    /// <summary>CPUID 8000_0007h, EDX bit 8: the counter runs at one rate in all power states.</summary>
    static bool IsInvariant()
    {
        if (!X86Base.IsSupported) return false;
        const int advancedPowerManagement = unchecked((int)0x8000_0007);
        if ((uint)X86Base.CpuId(unchecked((int)0x8000_0000), 0).Eax < 0x8000_0007) return false;
        return (X86Base.CpuId(advancedPowerManagement, 0).Edx & 1 << 8) != 0;
    }

    static delegate* managed<ulong> MakeOnLinux(ReadOnlySpan<byte> code)
    {
        const int readWrite = 3, readExecute = 5, privateAnonymous = 0x22;
        var page = MMap(null, PageBytes, readWrite, privateAnonymous, -1, 0);
        if ((nint)page == -1) return null;
        code.CopyTo(new Span<byte>(page, code.Length));
        // On Arm the kernel writes the data cache back and drops the instruction cache's lines when a page becomes executable.
        return MProtect(page, PageBytes, readExecute) == 0 ? (delegate* managed<ulong>)page : null;
    }

    static delegate* managed<ulong> MakeOnWindows(ReadOnlySpan<byte> code)
    {
        const uint commitReserve = 0x3000, readWrite = 0x04, executeRead = 0x20;
        var page = VirtualAlloc(null, PageBytes, commitReserve, readWrite);
        if (page is null) return null;
        code.CopyTo(new Span<byte>(page, code.Length));
        const nint thisProcess = -1;
        return VirtualProtect(page, PageBytes, executeRead, out _) != 0 && FlushInstructionCache(thisProcess, page, (nuint)code.Length) != 0 ? (delegate* managed<ulong>)page : null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* MMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int MProtect(void* address, nuint length, int protection);

    [LibraryImport("kernel32")]
    private static partial void* VirtualAlloc(void* address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(void* address, nuint length, uint protection, out uint old);

    [LibraryImport("kernel32")]
    private static partial int FlushInstructionCache(nint process, void* address, nuint bytes);
}
