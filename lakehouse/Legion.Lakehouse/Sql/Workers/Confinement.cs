using System.Globalization;
using System.Runtime.InteropServices;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>
/// What takes from a program whatever it does not need for one query. Landlock leaves it some folders to read, one to write in, and no network; limits of resources bound its memory and its files.
/// Only Linux has them; elsewhere the engine's own settings alone confine it.
/// </summary>
/// <remarks>Landlock's calls and constants: Linux, Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.</remarks>
static unsafe partial class Confinement
{
    public const string Name = "landlock";

    /// <summary>What of a worker's memory is the runtime's and the engine's own, beside what a query takes.</summary>
    public const long RuntimeBytes = 160L << 20;

    /// <summary>What a thread of the engine has of its own before it works.</summary>
    public const long ThreadBytes = 9L << 20;

    const ulong Execute = 1, WriteFile = 2, ReadFile = 4, ReadFolder = 8;
    const ulong Read = ReadFile | ReadFolder, ReadAndRun = Read | Execute;

    /// <summary>What a file, and no folder, can be opened for.</summary>
    const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | IoControl;

    const ulong Truncate = 1 << 14, IoControl = 1 << 15;

    const int DataResource = 2, FileResource = 1, CoreResource = 4;

    [StructLayout(LayoutKind.Sequential)]
    struct RulesetAttributes
    {
        public ulong Files, Network, Scopes;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    struct PathRule
    {
        public ulong Allowed;
        public int Folder;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct ResourceLimit
    {
        public ulong Soft, Hard;
    }

    /// <summary>Confines the calling thread, and with it the program that it becomes by <see cref="BecomeSelf"/>.</summary>
    /// <returns>False where the system has no Landlock.</returns>
    public static bool TryEnter(string scratch, IReadOnlyList<string> readable)
    {
        if (!OperatingSystem.IsLinux()) return false;
        var version = syscall(CreateRuleset, 0, 0, 1);
        if (version < 1) return false;
        var files = (1UL << (version switch { 1 => 13, 2 => 14, 3 or 4 => 15, _ => 16 })) - 1;
        var attributes = new RulesetAttributes { Files = files, Network = version >= 4 ? 3u : 0, Scopes = version >= 6 ? 3u : 0 };
        var ruleset = syscall(CreateRuleset, (nint)(&attributes), version >= 6 ? 24 : version >= 4 ? 16 : 8, 0);
        if (ruleset < 0) return false;
        try
        {
            foreach (var path in (string[])["/usr", "/lib", "/lib64", .. RuntimeFolder(), AppContext.BaseDirectory]) Allow(ruleset, path, ReadAndRun, files);
            foreach (var path in (string[])["/etc/ld.so.cache", "/etc/localtime", "/etc/dotnet", "/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/sys/vm", "/sys/fs/cgroup", "/sys/devices/system", "/dev/urandom", "/dev/random"]) Allow(ruleset, path, Read, files);
            Allow(ruleset, "/dev/null", ReadFile | WriteFile, files);
            foreach (var path in readable) Allow(ruleset, path, Read, files);
            Allow(ruleset, scratch, files & ~Execute, files);
            return prctl(NoNewPrivileges, 1, 0, 0, 0) == 0 && syscall(RestrictSelf, ruleset, 0, 0) == 0;
        }
        finally
        {
            close((int)ruleset);
        }
    }

    /// <summary>Replaces the program by itself with other arguments; standard input and output stay.</summary>
    /// <exception cref="InvalidOperationException">The system refuses.</exception>
    public static void BecomeSelf(IReadOnlyList<string> arguments)
    {
        var program = Environment.ProcessPath!;
        var words = new nint[arguments.Count + 2];
        words[0] = Marshal.StringToCoTaskMemUTF8(program);
        for (var i = 0; i < arguments.Count; i++) words[i + 1] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(entry => Marshal.StringToCoTaskMemUTF8($"{entry.Key}={entry.Value}")).Append(0).ToArray();
        fixed (nint* argv = words, environment = variables) execve(program, argv, environment);
        throw new InvalidOperationException($"cannot start '{program}' again: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Bounds from here on what the program takes: the kernel refuses memory beyond, and nothing raises it again.</summary>
    /// <param name="memory">Of all data, bytes.</param>
    /// <param name="file">Of a file, bytes.</param>
    public static void Limit(long memory, long file)
    {
        Set(DataResource, (ulong)Math.Max(memory, DataBytes() + (32L << 20)));
        Set(FileResource, (ulong)file);
        Set(CoreResource, 0);

        static void Set(int resource, ulong bytes)
        {
            var limit = new ResourceLimit { Soft = bytes, Hard = bytes };
            if (setrlimit(resource, &limit) != 0) throw new InvalidOperationException($"cannot limit resource {resource} to {bytes}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Ends the program, whatever its threads are in the middle of.</summary>
    public static void ExitNow()
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(1);
        _exit(1);
    }

    /// <summary>Data that the program has already, as the kernel counts it for the limit.</summary>
    static long DataBytes()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("VmData:", StringComparison.Ordinal)) return long.Parse(line.AsSpan(7).TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture) << 10;
        return 0;
    }

    /// <summary>The folder of the runtime with its hosts: that which has <c>shared/NAME/VERSION</c> with its libraries. None where a program brings its own.</summary>
    static string[] RuntimeFolder()
    {
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location)));
        return Path.GetFileName(shared) == "shared" ? [Path.GetDirectoryName(shared)!] : [];
    }

    static void Allow(nint ruleset, string path, ulong allowed, ulong handled)
    {
        var folder = open(path, PathOnly | CloseOnExecute);
        if (folder < 0) return; // what is not there needs no rule
        var rule = new PathRule { Allowed = allowed & handled & (Directory.Exists(path) ? ulong.MaxValue : OfFiles), Folder = folder };
        var result = syscall(AddRule, ruleset, 1, (nint)(&rule), 0);
        close(folder);
        if (result != 0) throw new InvalidOperationException($"cannot allow '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
    }

    // The same numbers on all processors.
    const nint CreateRuleset = 444, AddRule = 445, RestrictSelf = 446;
    const int NoNewPrivileges = 38, PathOnly = 0x200000, CloseOnExecute = 0x80000;

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, nint* arguments, nint* environment);

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
