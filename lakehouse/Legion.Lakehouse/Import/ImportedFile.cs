using Legion.Lakehouse.Import.Chrome;

namespace Legion.Lakehouse.Import;

/// <summary>Tells files of other tools from a recording.</summary>
static class ImportedFile
{
    /// <summary>What stands before the events of a trace has fewer bytes.</summary>
    const int BeginBytes = 1 << 20;

    /// <summary>Whether the file begins as a trace of Chrome does.</summary>
    public static bool IsChromeTrace(string path)
    {
        using var file = ChromeFile.Open(path);
        var begin = new byte[BeginBytes];
        try
        {
            return ChromeFile.Is(begin.AsSpan(0, file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false)));
        }
        catch (InvalidDataException)
        {
            return false; // no such compressed file
        }
    }

    /// <summary>Whether the first thing in the file is a brace, as in no recording.</summary>
    public static bool IsJson(string path)
    {
        using var file = Open(path);
        int first;
        do first = file.ReadByte();
        while (first is ' ' or '\t' or '\r' or '\n');
        return first == '{';
    }

    /// <summary>Whoever writes it may go on.</summary>
    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
}
