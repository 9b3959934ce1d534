using Legion.Format;

namespace Legion.Sdk;

/// <summary>Keeps what dead processes have left within a cap: the oldest blocks become gap records, traces first, then metrics and the program's own events, then logs.</summary>
static class SpoolCap
{
    /// <param name="blocks">Paths of the blocks, oldest first.</param>
    /// <returns>Bytes that they take now.</returns>
    public static long Enforce(IReadOnlyList<string> blocks, long capBytes)
    {
        var bytes = blocks.Sum(Length);
        if (bytes <= capBytes) return bytes;
        var classes = new Dictionary<string, StreamClass>();
        foreach (var streamClass in SendQueue.LeastNeededFirst)
        {
            foreach (var path in blocks)
            {
                if (bytes <= capBytes) return bytes;
                try
                {
                    if (classes.TryGetValue(path, out var known) && known != streamClass) continue;
                    var file = SpoolFile.Read(File.ReadAllBytes(path));
                    classes[path] = file.Header.Class;
                    if (file.Header.Class != streamClass || file.GivenUp() is not { } gap) continue;
                    var instead = gap.ToBytes();
                    bytes -= Length(path) - instead.Length;
                    DurableFile.Write(path, instead);
                }
                catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
                {
                    // What cannot be read is found and named when it is to be sent.
                }
            }
        }
        return bytes;
    }

    static long Length(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
