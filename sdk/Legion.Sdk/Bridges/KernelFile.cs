using Microsoft.Win32.SafeHandles;

namespace Legion.Sdk;

/// <summary>A file in which the kernel answers anew each time it is read from its start.</summary>
sealed class KernelFile : IDisposable
{
    /// <summary>What is wanted stands in the first lines.</summary>
    const int MostBytes = 1024;

    readonly SafeFileHandle handle;
    readonly byte[] bytes = new byte[MostBytes];

    KernelFile(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Null where there is no such file, or it may not be read.</summary>
    public static KernelFile? TryOpen(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return new KernelFile(File.OpenHandle(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Its first bytes, valid until the next call.</summary>
    public ReadOnlySpan<byte> Read() => bytes.AsSpan(0, RandomAccess.Read(handle, bytes, 0));

    public void Dispose() => handle.Dispose();
}
