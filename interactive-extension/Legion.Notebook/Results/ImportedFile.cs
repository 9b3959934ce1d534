using System.Globalization;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Notebook;

/// <summary>A file that was appended to the lake. It stands for its first process wherever one is asked for.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plain])]
public sealed record ImportedFile(string Path, ImportReport Report) : IDisplayForms
{
    public IReadOnlyList<Guid> Processes => Report.Processes;

    /// <exception cref="InvalidOperationException">The file has none.</exception>
    public Guid Selection => Processes.Count > 0 ? Processes[0] : throw new InvalidOperationException("this file has no process");

    public override string ToString()
    {
        var blocks = string.Join(", ", Report.Blocks.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:N0} blocks {Said(pair.Key)}")));
        return $"{Path}: {(Processes.Count == 1 ? $"process {Processes[0]}" : $"{Processes.Count} processes: {string.Join(", ", Processes)}")}; {blocks}{(Report.Missing is { } missing ? $"\nnot all of it is in the lake: {missing}" : "")}";
    }

    string? IDisplayForms.Form(string mimeType) => mimeType == MimeType.Plain ? ToString() : null;

    static string Said(BlockCode code) => code switch
    {
        BlockCode.Stored => "stored",
        BlockCode.Exists => "there already",
        _ => code.ToString().ToLowerInvariant(),
    };
}
