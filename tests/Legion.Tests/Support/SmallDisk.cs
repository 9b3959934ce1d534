using System.Diagnostics;

namespace Legion.Tests.Support;

/// <summary>A disk that is soon full: a file system in memory, mounted while the test runs. Skips the test where nothing may be mounted.</summary>
sealed class SmallDisk : IDisposable
{
    /// <summary>Twice what the service wants to see free.</summary>
    const int Mebibytes = 32;

    readonly DirectoryInfo mount = Directory.CreateTempSubdirectory("legion-disk-");

    public SmallDisk()
    {
        if (Run("mount", "-t", "tmpfs", "-o", $"size={Mebibytes}m", "legion-test", mount.FullName) is not { } refusal) return;
        mount.Delete();
        Assert.Skip($"no small disk here: {refusal}");
    }

    public string Folder => mount.FullName;

    string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Leaves only so much room, or what others that write have left of it.</summary>
    public void FillBut(long bytes)
    {
        var some = new byte[64 << 10];
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        while (new DriveInfo(Folder).AvailableFreeSpace > bytes + some.Length) ballast.Write(some);
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily, as this program may still have the catalog open.
        Assert.Null(Run("umount", "-l", mount.FullName));
        mount.Delete();
    }

    /// <returns>What was said against it; null where it was done.</returns>
    static string? Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux()) return "file systems are mounted on Linux only";
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }
}
