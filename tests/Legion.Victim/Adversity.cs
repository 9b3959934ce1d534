using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Legion.Victim;

/// <summary>What a machine refuses a program.</summary>
enum Adversity
{
    None,

    /// <summary>No file takes a byte more.</summary>
    FullDisk,

    ReadOnlyFolder,
    DeletedFolder,
    NoFileHandles,
    NoThreads,
}

/// <summary>Makes the machine refuse something to this process, by limits and permissions that bind it alone, and lets it go again.</summary>
/// <param name="folder">Where the recordings' folders lie.</param>
[UnsupportedOSPlatform("windows")]
sealed partial class HardTimes(Adversity adversity, string folder)
{
    const int FileBytesLimit = 1, ProcessesLimit = 6, HandlesLimit = 7;
    const int FileTooLargeSignal = 25;
    const UnixFileMode EverybodyMay = (UnixFileMode)511, NobodyMayWrite = (UnixFileMode)365;

    /// <summary>Of nobody on any machine, so that what the system counts by user is of this process alone.</summary>
    const uint OrdinaryUser = 1_234_567;

    readonly List<SafeFileHandle> taken = [];

    /// <summary>Makes limits and permissions bind: they do not bind the system's administrator.</summary>
    public void Prepare()
    {
        // The signal that comes with the refusal would end the process.
        if (adversity == Adversity.FullDisk) SetSignal(FileTooLargeSignal, ignore: 1);
        if (adversity is not (Adversity.NoThreads or Adversity.ReadOnlyFolder) || !Environment.IsPrivilegedProcess) return;
        File.SetUnixFileMode(folder, EverybodyMay);
        if (SetGroup(OrdinaryUser) != 0 || SetUser(OrdinaryUser) != 0) throw new InvalidOperationException($"cannot become an ordinary user: error {Marshal.GetLastPInvokeError()}");
    }

    public void Begin()
    {
        switch (adversity)
        {
            case Adversity.FullDisk:
                SetSoftLimit(FileBytesLimit, 0);
                break;
            case Adversity.ReadOnlyFolder:
                SetModes(NobodyMayWrite);
                break;
            case Adversity.DeletedFolder:
                foreach (var path in Directory.GetDirectories(folder))
                {
                    // In one step: a folder that is being written to may not be found empty.
                    var gone = folder.TrimEnd('/') + ".gone";
                    Directory.Move(path, gone);
                    Directory.Delete(gone, recursive: true);
                }
                break;
            case Adversity.NoFileHandles:
                SetSoftLimit(HandlesLimit, 256);
                TakeAllHandles();
                break;
            case Adversity.NoThreads:
                SetSoftLimit(ProcessesLimit, 1);
                break;
        }
    }

    public void End()
    {
        if (adversity == Adversity.FullDisk) SetSoftLimit(FileBytesLimit, null);
        if (adversity == Adversity.NoThreads) SetSoftLimit(ProcessesLimit, null);
        if (adversity == Adversity.ReadOnlyFolder) SetModes(EverybodyMay);
        foreach (var handle in taken) handle.Dispose();
        taken.Clear();
    }

    void TakeAllHandles()
    {
        try
        {
            while (true) taken.Add(File.OpenHandle("/dev/null"));
        }
        catch (IOException)
        {
            // None is left.
        }
    }

    /// <summary>Of what lies in the folder: it itself stays the starter's.</summary>
    void SetModes(UnixFileMode mode)
    {
        foreach (var path in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories)) File.SetUnixFileMode(path, mode);
    }

    /// <param name="value">Null for as much as the process may have.</param>
    static void SetSoftLimit(int resource, nuint? value)
    {
        if (GetLimit(resource, out var limit) != 0) throw new InvalidOperationException($"cannot read limit {resource}: error {Marshal.GetLastPInvokeError()}");
        limit.Soft = value ?? limit.Hard;
        if (SetLimit(resource, limit) != 0) throw new InvalidOperationException($"cannot set limit {resource} to {limit.Soft}: error {Marshal.GetLastPInvokeError()}");
    }

    struct Limit
    {
        public nuint Soft, Hard;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int number, nint ignore);

    [LibraryImport("libc", EntryPoint = "setgid", SetLastError = true)]
    private static partial int SetGroup(uint id);

    [LibraryImport("libc", EntryPoint = "setuid", SetLastError = true)]
    private static partial int SetUser(uint id);
}
