namespace Legion.Cli.Import;

/// <summary>Tells a file of export requests of OpenTelemetry in JSON from a recording.</summary>
static class ExportFile
{
    /// <summary>Whether the first thing in the file is a brace, as in no recording.</summary>
    public static bool IsJson(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        int first;
        do first = file.ReadByte();
        while (first is ' ' or '\t' or '\r' or '\n');
        return first == '{';
    }
}
