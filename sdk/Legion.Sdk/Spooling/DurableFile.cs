namespace Legion.Sdk;

/// <summary>Files that are whole or not there, whenever the process ends. The system's page cache outlives the process, so nothing is synchronised to the disk.</summary>
static class DurableFile
{
    /// <summary>Writes a file in one step as seen by a reader; an existing one is replaced.</summary>
    /// <exception cref="IOException">It cannot be written; the old one stays.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var unfinished = path + SpoolNames.Unfinished;
        using (var file = File.OpenHandle(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            try
            {
                RandomAccess.Write(file, bytes, 0);
            }
            catch (ArgumentOutOfRangeException tooLarge)
            {
                // The runtime's answer where the system limits the size of files.
                throw new IOException($"cannot write {bytes.Length} bytes: {tooLarge.Message}", tooLarge);
            }
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Deletes what can be deleted.</summary>
    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static bool TryDeleteFolder(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
