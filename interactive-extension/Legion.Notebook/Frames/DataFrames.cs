using Apache.Arrow;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Makes DataFrames of what the lake answers.</summary>
public static class DataFrames
{
    /// <summary>
    /// Reads batches column by column and disposes of each.
    /// Booleans, integers, floats and texts keep their type; timestamps and dates become DateTime (UTC, to 100 ns);
    /// decimals and HUGEINT become long where whole numbers fit, then decimal, then double;
    /// ids become text; lists, structs, maps and unions JSON text.
    /// </summary>
    /// <param name="batches">At least one, of one schema; a result without rows is one empty batch.</param>
    public static async Task<DataFrame> FromArrowAsync(IAsyncEnumerable<RecordBatch> batches, CancellationToken cancel = default) => (await FromArrowAsync(batches, limit: null, cancel)).Frame;

    /// <param name="limit">Rows to read at most; null: all.</param>
    internal static async Task<(DataFrame Frame, bool HasMore)> FromArrowAsync(IAsyncEnumerable<RecordBatch> batches, long? limit, CancellationToken cancel)
    {
        ColumnReader[]? columns = null;
        var left = limit ?? long.MaxValue;
        var hasMore = false;
        await foreach (var batch in batches.WithCancellation(cancel))
        {
            using (batch)
            {
                columns ??= Distinct(batch.Schema.FieldsList.Select(field => field.Name)).Zip(batch.Schema.FieldsList, (name, field) => ColumnReader.Of(name, field.DataType)).ToArray();
                hasMore = batch.Length > left;
                using var taken = hasMore ? batch.Slice(0, (int)left) : null;
                for (var i = 0; i < columns.Length; i++)
                    columns[i].Append((taken ?? batch).Column(i));
                left -= (taken ?? batch).Length;
                if (hasMore)
                    break;
            }
        }
        return (new DataFrame((columns ?? []).Select(column => column.ToColumn())), hasMore);
    }

    /// <summary>A DataFrame's columns have different names; SQL's may not: the second "a" becomes "a_2".</summary>
    static IEnumerable<string> Distinct(IEnumerable<string> names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var distinct = name;
            for (var number = 2; !taken.Add(distinct); number++)
                distinct = $"{name}_{number}";
            yield return distinct;
        }
    }
}
