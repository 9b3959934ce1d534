using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Decodes blocks of whichever processes into rows of a view. A damaged block costs its own rows; <c>problems</c> names it.</summary>
sealed class BlockRows(ICatalog catalog, Tenant tenant, BlockSource source)
{
    /// <summary>Blocks that are read side by side: mostly the store is waited for.</summary>
    const int ReadAtOnce = 16;

    /// <summary>Of some blocks, those that hold rows of a view.</summary>
    public async Task<IReadOnlyList<BlockRow>> OfViewAsync(View view, IReadOnlyList<BlockRow> blocks, CancellationToken cancellation)
    {
        if (blocks.Count == 0) return blocks;
        var named = view.StreamName is null ? null : (await catalog.ReadStreamsAsync(tenant, [.. blocks.Select(block => block.ProcessId).Distinct()], cancellation))
            .Where(stream => stream.Name == view.StreamName).Select(stream => stream.StreamId).ToHashSet();
        return [.. blocks.Where(block => view.Classes.Contains(block.Class) && (view.HoldsOpenTelemetry || !OpenTelemetry.OtlpBlock.IsOpenTelemetry(block)) && named?.Contains(block.StreamId) != false)];
    }

    /// <summary>Writes the rows of blocks that hold rows of the view to a file that is not there yet.</summary>
    /// <param name="policies">Of a view by policy, what is asked for; otherwise null.</param>
    /// <returns>Its bytes; 0 where there are no rows, and so no file.</returns>
    public async Task<long> WriteAsync(View view, IEnumerable<BlockRow> blocks, SpanPolicies? policies, string file, CancellationToken cancellation)
    {
        using var parquet = new ParquetFile(file);
        using var rows = new RowBuffer(view, view.Stored);
        using var sums = policies is null ? null : new SpanSums(rows, policies);
        var add = sums is null ? PartitionBuilder.PointDecoder(rows) : sums.Add;
        foreach (var some in blocks.Chunk(ReadAtOnce))
        {
            var read = await Task.WhenAll(some.Select(row => ReadAsync(row, cancellation)));
            for (var i = 0; i < some.Length; i++)
            {
                if (read[i] is not var (block, schema)) continue;
                var before = rows.Count;
                try
                {
                    add(block, schema, some[i].ProcessId.ToString(), some[i].StreamId.ToString());
                }
                catch (InvalidDataException)
                {
                    rows.Truncate(before);
                }
            }
            if (rows.Count < PartitionBuilder.MostRows) continue;
            parquet.Append(rows, isLast: false, cancellation);
            rows.Clear();
        }
        sums?.Finish();
        parquet.Append(rows, isLast: true, cancellation);
        return parquet.Finish();
    }

    async Task<(Block Block, Schema Schema)?> ReadAsync(BlockRow row, CancellationToken cancellation)
    {
        try
        {
            return (await source.ReadAsync(row, cancellation), await source.SchemaAsync(row.Schema, cancellation));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
