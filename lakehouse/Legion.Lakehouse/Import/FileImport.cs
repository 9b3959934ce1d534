using Legion.Format;
using Legion.Lakehouse.Import;
using Legion.Lakehouse.Import.Chrome;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What became of a file.</summary>
/// <param name="Processes">In order of first mention.</param>
/// <param name="Blocks">How many blocks were answered with each code; codes that none had are missing.</param>
/// <param name="Missing">What of the file is not in the lake, and why; null where all of it is.</param>
public sealed record ImportReport(IReadOnlyList<Guid> Processes, IReadOnlyDictionary<BlockCode, long> Blocks, string? Missing);

/// <summary>
/// Appends a file on the path that ingestion takes: a recording; export requests of OpenTelemetry in JSON, one, or one after the other as a collector's file exporter writes them;
/// or JSON trace events of Chrome, which many tools write. Its begin shows which it is. The same file twice is there once.
/// </summary>
/// <param name="redaction">What is not to be written into any block. Recordings stay as they are: programs redact what they record.</param>
public sealed class FileImport(LakeStore lake, TimeProvider clock, Redaction redaction)
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is none of these, or nothing of it can be read.</exception>
    public async Task<ImportReport> AppendAsync(string path, CancellationToken cancellation = default)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"cannot import '{path}': no such file", path);
        try
        {
            if (ImportedFile.IsChromeTrace(path))
            {
                var import = new ChromeImport(lake, clock, redaction);
                return Report(import.Imported, await import.AppendAsync(path, cancellation));
            }
            if (ImportedFile.IsJson(path))
            {
                var import = new ExportImport(lake, clock, redaction);
                await using var file = ImportedFile.Open(path);
                return Report(import.Imported, await import.AppendAsync(file, cancellation));
            }
            using var recording = RecordingFile.Open(path);
            var recorded = new RecordingImport(lake, clock);
            return Report(recorded.Imported, await recorded.AppendAsync(recording, cancellation));
        }
        catch (InvalidDataException cause)
        {
            throw new InvalidDataException($"cannot import '{path}': {cause.Message}", cause);
        }
    }

    static ImportReport Report(ImportedBlocks blocks, string? missing) => new(blocks.Processes, blocks.Counts, missing);
}
