using System.IO.MemoryMappedFiles;

namespace Legion.Victim;

/// <summary>How many events each thread has recorded: a number for each in a mapped file, which the system keeps when the process is killed.</summary>
sealed unsafe class Progress : IDisposable
{
    /// <summary>A cache line for each.</summary>
    public const int BytesOfThread = 64;

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly byte* counts;

    public Progress(string path, int threads)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, threads * BytesOfThread);
        view = file.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref counts);
    }

    public void Recorded(int thread) => Volatile.Write(ref *(long*)(counts + thread * BytesOfThread), *(long*)(counts + thread * BytesOfThread) + 1);

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
