using System.Buffers;
using System.Text;
using System.Text.Json;
using Apache.Arrow.Ipc;
using Legion.Lakehouse.Export;
using Legion.Lakehouse.Sql;
using Spectre.Console;

namespace Legion.Cli.Query;

/// <summary>Writes an answer to standard output in one of the formats of <c>legion query</c>.</summary>
static class ResultWriter
{
    public static readonly string[] Formats = ["table", "csv", "json", "parquet", "arrow"];

    /// <summary>A table is for eyes: beyond this it ends with a line that says so.</summary>
    const int MostTableRows = 10_000;

    public static async Task WriteAsync(QueryResult result, string format, TextWriter text, Stream binary, CancellationToken cancellation)
    {
        switch (format)
        {
            case "csv":
                CsvRows.Write(result, text, cancellation);
                break;
            case "json":
                using (var rows = result.ReadRows(cancellation)) WriteJson(rows, text);
                break;
            case "arrow":
                await WriteArrowAsync(result, binary, cancellation);
                break;
            case "parquet":
                await result.WriteParquetAsync(binary, cancellation);
                break;
            default:
                using (var rows = result.ReadRows(cancellation)) WriteTable(rows, text);
                break;
        }
    }

    /// <summary>An array with one object a line.</summary>
    static void WriteJson(ResultRows rows, TextWriter text)
    {
        text.Write('[');
        for (var first = true; rows.Read(); first = false)
        {
            text.Write(first ? "\n" : ",\n");
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                for (var i = 0; i < rows.Columns.Count; i++)
                {
                    json.WritePropertyName(rows.Columns[i].Name);
                    ResultText.Write(json, rows[i]);
                }
                json.WriteEndObject();
            }
            text.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
        text.WriteLine("\n]");
    }

    static void WriteTable(ResultRows rows, TextWriter text)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in rows.Columns)
        {
            var header = new TableColumn(Markup.Escape(column.Name)) { NoWrap = true };
            table.AddColumn(column.SqlType is "VARCHAR" ? header : header.RightAligned());
        }
        var count = 0;
        for (; count < MostTableRows && rows.Read(); count++)
            table.AddRow(Enumerable.Range(0, rows.Columns.Count).Select(i => new Text(rows[i] is null ? "NULL" : ResultText.Of(rows[i]))));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        // Into a file or a pipe nothing is cut or wrapped.
        if (Console.IsOutputRedirected) console.Profile.Width = 1 << 20;
        console.Write(table);
        if (count == MostTableRows && rows.Read()) text.WriteLine($"... the first {MostTableRows} rows; use --format csv, json, parquet or arrow for all");
    }

    static async Task WriteArrowAsync(QueryResult result, Stream binary, CancellationToken cancellation)
    {
        ArrowStreamWriter? writer = null;
        await foreach (var batch in result.ReadBatchesAsync(cancellation))
        {
            using (batch)
            {
                writer ??= new ArrowStreamWriter(binary, batch.Schema, leaveOpen: true);
                await writer.WriteRecordBatchAsync(batch, cancellation);
            }
        }
        if (writer is null) return;
        await writer.WriteEndAsync(cancellation);
        writer.Dispose();
    }
}
