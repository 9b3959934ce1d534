using Legion.Lakehouse.Export;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse;

/// <summary>What other tools open.</summary>
public enum ExportFormat
{
    /// <summary>All of a process as JSON trace events, which Perfetto opens, and Chrome and many others, too.</summary>
    Perfetto,

    /// <summary>The spans of threads, for speedscope.</summary>
    Speedscope,

    /// <summary>The rows of one view.</summary>
    Parquet,

    /// <summary>The rows of one view.</summary>
    Csv,
}

/// <summary>Writes what is in a lake into files of other tools, as it is read, so that its size does not matter.</summary>
public static class ProcessExport
{
    /// <summary>Writes a process into a file; one of that name is replaced once the new one is whole.</summary>
    /// <param name="view">For rows: of which view; null: spans.</param>
    /// <param name="range">Only what lies in this time; spans that reach into it are whole.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    /// <exception cref="QueryException">There is no such view.</exception>
    public static async Task WriteAsync(Lake lake, Guid process, ExportFormat format, string path, string? view = null, QueryRange range = default, CancellationToken cancellation = default)
    {
        var exported = await ExportedProcess.FindAsync(lake, process, range, cancellation);
        await ReplaceAsync(path, async output =>
        {
            switch (format)
            {
                case ExportFormat.Perfetto:
                    using (var trace = new ChromeTrace(exported, output)) await trace.WriteAsync(cancellation);
                    break;
                case ExportFormat.Speedscope:
                    using (var profile = new SpeedscopeFile(exported, output)) await profile.WriteAsync(cancellation);
                    break;
                default:
                    var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process }, Range = range };
                    using (var rows = await lake.QueryAsync($"SELECT * FROM {Quoted(view ?? Views.Spans.Name)} WHERE process_id = $process", options, cancellation))
                        await WriteRowsAsync(rows, format, output, cancellation);
                    break;
            }
        });
    }

    /// <summary>Writes the rows of a query into a file; one of that name is replaced once the new one is whole.</summary>
    /// <exception cref="ArgumentException">The format is none of rows.</exception>
    public static Task WriteAsync(QueryResult rows, ExportFormat format, string path, CancellationToken cancellation = default) =>
        ReplaceAsync(path, output => WriteRowsAsync(rows, format, output, cancellation));

    static async Task WriteRowsAsync(QueryResult rows, ExportFormat format, Stream output, CancellationToken cancellation)
    {
        switch (format)
        {
            case ExportFormat.Parquet:
                await rows.WriteParquetAsync(output, cancellation);
                break;
            case ExportFormat.Csv:
                await using (var text = new StreamWriter(output, leaveOpen: true))
                    CsvRows.Write(rows, text, cancellation);
                break;
            default:
                throw new ArgumentException($"cannot write rows as {format}: expected {ExportFormat.Parquet} or {ExportFormat.Csv}", nameof(format));
        }
    }

    static async Task ReplaceAsync(string path, Func<Stream, Task> write)
    {
        path = Path.GetFullPath(path);
        // Under another name until it is whole.
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await using (var output = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16)) await write(output);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            if (File.Exists(part)) File.Delete(part);
        }
    }

    static string Quoted(string view)
    {
        var prefix = Views.EventsSchema + ".";
        return view.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? $"{Views.EventsSchema}.{Name(view[prefix.Length..])}" : Name(view);

        static string Name(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
    }
}
