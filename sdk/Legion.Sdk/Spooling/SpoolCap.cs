using Legion.Format;

namespace Legion.Sdk;

/// <summary>Keeps what dead processes have left within the cap of the spool: the oldest blocks become gap records, traces first, then metrics and the program's own events, then logs.</summary>
static class SpoolCap
{
    /// <param name="blocks">Paths of the blocks that may be given up, oldest first.</param>
    public static void Enforce(string root, string[] blocks, long capBytes)
    {
        var excess = Bytes(root) - capBytes;
        if (excess <= 0) return;
        var classes = new Dictionary<string, StreamClass>();
        foreach (var streamClass in SendQueue.LeastNeededFirst)
        {
            foreach (var path in blocks)
            {
                if (excess <= 0) return;
                try
                {
                    if (classes.TryGetValue(path, out var known) && known != streamClass) continue;
                    var file = SpoolFile.Read(File.ReadAllBytes(path));
                    classes[path] = file.Header.Class;
                    if (file.Header.Class != streamClass || file.GivenUp() is not { } gap) continue;
                    var bytes = gap.ToBytes();
                    excess -= new FileInfo(path).Length - bytes.Length;
                    DurableFile.Write(path, bytes);
                }
                catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
                {
                    // What cannot be read is found and named when it is to be sent.
                }
            }
        }
    }

    static long Bytes(string root)
    {
        try
        {
            return new DirectoryInfo(root).EnumerateFiles("*.legion", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
