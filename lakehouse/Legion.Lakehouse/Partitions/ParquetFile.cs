using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp;
using FileWriter = ParquetSharp.Arrow.FileWriter;

namespace Legion.Lakehouse;

/// <summary>
/// A Parquet file while it is written. The only place that knows the Parquet library. Its rows may come in several pieces: each is sorted by itself,
/// which bounds memory where a slot has grown far beyond its usual size.
/// </summary>
sealed class ParquetFile(string path) : IDisposable
{
    /// <summary>As DuckDB's own: one vector of work for a scanning thread, and the unit it skips by.</summary>
    public const int RowGroupRows = 122_880;

    /// <summary>
    /// Up to so many texts, a row group takes over the dictionary of the whole file as it is; of a larger one it takes those that its rows have.
    /// </summary>
    const int SharedTexts = 1024;

    /// <summary>Of zstd: level 3 makes spans 1 % smaller at the same speed of everything else.</summary>
    const int CompressionLevel = 1;

    readonly byte[] values = new byte[RowGroupRows * sizeof(long)];
    readonly byte[] presence = new byte[RowGroupRows / 8];
    readonly Dictionary<TextColumn, StringArray> dictionaries = [];
    FileWriter? writer;
    Field[] fields = [];

    /// <summary>Writes the rows of a buffer in order of time, in row groups of their own.</summary>
    /// <param name="isLast">No rows follow: where there were none before either, a column without nulls can be declared as one.</param>
    public void Append(RowBuffer rows, bool isLast, CancellationToken cancellation)
    {
        if (rows.Count == 0) return;
        if (writer is null)
        {
            fields = [.. rows.Columns.Select(column => new Field(column.Column.Name, TypeOf(column), nullable: column.HasNulls || !isLast))];
            using var properties = Properties(rows.Columns);
            writer = new FileWriter(path, new Apache.Arrow.Schema(fields, null), properties);
        }
        var order = RowOrder.Of(rows, RowGroupRows);
        ReadOnlySpan<int> splits = rows.View.SplitBy is { } split ? rows.Get<int>(split).Values : [];
        for (var start = 0; start < order.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.NewRowGroup();
            var group = order.AsSpan(start, Math.Min(RowGroupRows, order.Length - start));
            if (!splits.IsEmpty) group = group[..EqualRows(splits, group)];
            start += group.Length;
            for (var i = 0; i < fields.Length; i++) writer.WriteColumnChunk(ArrayOf(rows.Columns[i], fields[i].DataType, group));
        }
    }

    /// <summary>Ends the file.</summary>
    /// <returns>Its bytes; 0 where no rows came, and there is none.</returns>
    public long Finish()
    {
        if (writer is null) return 0;
        writer.Close();
        return new FileInfo(path).Length;
    }

    public void Dispose() => writer?.Dispose();

    /// <summary>Writes a table as it is, to be read once.</summary>
    public static void Write(string path, RecordBatch rows)
    {
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Compression(Compression.Uncompressed).Build();
        using var writer = new FileWriter(path, rows.Schema, properties);
        writer.WriteRecordBatch(rows);
        writer.Close();
    }

    /// <summary>How many rows, from the first on, have the first one's value.</summary>
    static int EqualRows(ReadOnlySpan<int> values, ReadOnlySpan<int> rows)
    {
        var count = 1;
        while (count < rows.Length && values[rows[count]] == values[rows[0]]) count++;
        return count;
    }

    static WriterProperties Properties(IEnumerable<ColumnBuffer> columns)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(CompressionLevel).EnableDictionary();
        foreach (var buffer in columns)
        {
            var column = buffer.Column;
            // Least and greatest of other texts spare no row group, as each has rows of all streams and most names, and cost a quarter of all that writing spans does.
            if (buffer is TextColumn && column.Name != "process_id") builder.DisableStatistics(column.Name);
            if (column.Type == ColumnType.Int64 && !column.Repeats) builder.DisableDictionary(column.Name).Encoding(column.Name, Encoding.DeltaBinaryPacked);
            else if (column.Type is ColumnType.UInt64 or ColumnType.Blob || buffer is TextColumn { Repeats: false }) builder.DisableDictionary(column.Name);
        }
        return builder.Build();
    }

    static IArrowType TypeOf(ColumnBuffer buffer) => buffer switch
    {
        TextColumn { Repeats: true } => new DictionaryType(Int32Type.Default, StringType.Default, ordered: false),
        TextColumn => StringType.Default,
        ColumnBuffer<int> => Int32Type.Default,
        ColumnBuffer<long> => Int64Type.Default,
        ColumnBuffer<ulong> => UInt64Type.Default,
        ColumnBuffer<double> => DoubleType.Default,
        ColumnBuffer<bool> => BooleanType.Default,
        ColumnBuffer<short[]> => new ListType(Int16Type.Default),
        ColumnBuffer<uint[]> => new ListType(UInt32Type.Default),
        _ => BinaryType.Default,
    };

    /// <summary>The values of some rows. They lie in memory that the next call uses again: what is written is copied by then.</summary>
    IArrowArray ArrayOf(ColumnBuffer buffer, IArrowType type, ReadOnlySpan<int> rows) => buffer switch
    {
        TextColumn column when type is DictionaryType coded => Texts(column, coded, rows),
        TextColumn column => Texts(column, rows),
        ColumnBuffer<int> column => Fixed(column, type, rows),
        ColumnBuffer<long> column => Fixed(column, type, rows),
        ColumnBuffer<ulong> column => Fixed(column, type, rows),
        ColumnBuffer<double> column => Fixed(column, type, rows),
        ColumnBuffer<bool> column => Bits(column, rows),
        ColumnBuffer<short[]> column => Lists(column, type, Int16Type.Default, rows),
        ColumnBuffer<uint[]> column => Lists(column, type, UInt32Type.Default, rows),
        ColumnBuffer<byte[]> column => Blobs(column, rows),
        _ => throw new ArgumentException($"cannot write column {buffer.Column.Name}", nameof(buffer)),
    };

    IArrowArray Fixed<T>(ColumnBuffer<T> column, IArrowType type, ReadOnlySpan<int> rows) where T : unmanaged
    {
        var source = column.Values;
        var target = MemoryMarshal.Cast<byte, T>(values.AsSpan())[..rows.Length];
        for (var i = 0; i < target.Length; i++) target[i] = source[rows[i]];
        var nulls = Presence(column.Absent, rows);
        return ArrowArrayFactory.BuildArray(new ArrayData(type, rows.Length, nulls, 0, [Present(nulls), new ArrowBuffer(values)]));
    }

    BooleanArray Bits(ColumnBuffer<bool> column, ReadOnlySpan<int> rows)
    {
        var source = column.Values;
        var target = values.AsSpan(0, (rows.Length + 7) / 8);
        target.Clear();
        for (var i = 0; i < rows.Length; i++)
            if (source[rows[i]]) target[i >> 3] |= (byte)(1 << (i & 7));
        var nulls = Presence(column.Absent, rows);
        return new BooleanArray(new ArrowBuffer(values), Present(nulls), rows.Length, nulls, 0);
    }

    DictionaryArray Texts(TextColumn column, DictionaryType type, ReadOnlySpan<int> rows)
    {
        var codes = column.Codes;
        var target = MemoryMarshal.Cast<byte, int>(values.AsSpan())[..rows.Length];
        for (var i = 0; i < target.Length; i++) target[i] = codes[rows[i]];
        var nulls = column.HasNulls ? TakeNulls(target) : 0;
        var dictionary = column.Texts.Length <= SharedTexts ? Shared(column) : Used(column, target);
        return new DictionaryArray(new ArrayData(type, rows.Length, nulls, 0, [Present(nulls), new ArrowBuffer(values)], null, dictionary.Data));
    }

    StringArray Shared(TextColumn column)
    {
        if (dictionaries.TryGetValue(column, out var known) && known.Length == column.Texts.Length) return known;
        return dictionaries[column] = Strings(column.Texts);
    }

    /// <summary>The texts that these codes name, which become codes of what is returned.</summary>
    static StringArray Used(TextColumn column, Span<int> codes)
    {
        var used = new List<string>();
        var newCodes = new int[column.Texts.Length];
        foreach (ref var code in codes)
        {
            ref var known = ref newCodes[code];
            if (known == 0)
            {
                used.Add(column.Texts[code]);
                known = used.Count;
            }
            code = known - 1;
        }
        return Strings(CollectionsMarshal.AsSpan(used));
    }

    static StringArray Strings(ReadOnlySpan<string> texts)
    {
        var builder = new StringArray.Builder();
        builder.Reserve(texts.Length);
        foreach (var text in texts) builder.Append(text);
        return builder.Build();
    }

    static StringArray Texts(TextColumn column, ReadOnlySpan<int> rows)
    {
        var builder = new StringArray.Builder();
        builder.Reserve(rows.Length);
        foreach (var row in rows) builder.Append(column[row]);
        return builder.Build();
    }

    static BinaryArray Blobs(ColumnBuffer<byte[]> column, ReadOnlySpan<int> rows)
    {
        var builder = new BinaryArray.Builder();
        foreach (var row in rows)
        {
            if (column[row] is { } value) builder.Append(value.AsSpan());
            else builder.AppendNull();
        }
        return builder.Build();
    }

    static ListArray Lists<T>(ColumnBuffer<T[]> column, IArrowType type, IArrowType elementType, ReadOnlySpan<int> rows) where T : unmanaged
    {
        var offsets = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++) offsets[i + 1] = offsets[i] + column[rows[i]].Length;
        var elements = new T[offsets[^1]];
        for (var i = 0; i < rows.Length; i++) column[rows[i]].CopyTo(elements, offsets[i]);
        var element = new ArrayData(elementType, elements.Length, 0, 0, [ArrowBuffer.Empty, Buffer<T>(elements)]);
        return new ListArray(new ArrayData(type, rows.Length, 0, 0, [ArrowBuffer.Empty, Buffer<int>(offsets)], [element]));
    }

    static ArrowBuffer Buffer<T>(ReadOnlySpan<T> values) where T : unmanaged => new(MemoryMarshal.AsBytes(values).ToArray());

    ArrowBuffer Present(int nulls) => nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(presence);

    /// <summary>Fills the bits that say which rows have a value.</summary>
    /// <returns>How many have none.</returns>
    int Presence(ReadOnlySpan<bool> absent, ReadOnlySpan<int> rows)
    {
        if (absent.IsEmpty) return 0;
        var nulls = 0;
        System.Array.Clear(presence);
        for (var i = 0; i < rows.Length; i++)
        {
            if (absent[rows[i]]) nulls++;
            else presence[i >> 3] |= (byte)(1 << (i & 7));
        }
        return nulls;
    }

    /// <summary>Does the same for codes, and lets those of null name the first text, as each has to name one.</summary>
    int TakeNulls(Span<int> codes)
    {
        var nulls = 0;
        System.Array.Clear(presence);
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] != TextColumn.Null)
            {
                presence[i >> 3] |= (byte)(1 << (i & 7));
                continue;
            }
            codes[i] = 0;
            nulls++;
        }
        return nulls;
    }
}
