using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>A block that a query looks into.</summary>
/// <param name="Position">Where the SQL names it, where that is known.</param>
sealed record ParsedBlock(Guid BlockId, int? Position);

/// <summary>The blocks that a query looks into, as the table behind <c>parse_block</c>.</summary>
sealed class ParsedBlocks(LakeStore store, Tenant tenant, IReadOnlyList<ParsedBlock> blocks)
{
    readonly BlockSource source = new(store.Objects, store.Catalog, tenant);

    /// <summary>Finds the blocks in the catalog.</summary>
    /// <exception cref="QueryException">One is not in the lake.</exception>
    public async Task<IReadOnlyList<BlockRow>> FindAsync(CancellationToken cancellation)
    {
        var rows = new List<BlockRow>();
        foreach (var block in blocks.DistinctBy(block => block.BlockId))
            rows.Add(await store.Catalog.FindBlockAsync(tenant, block.BlockId, cancellation)
                ?? throw new QueryException($"there is no block '{block.BlockId}' in this lake: the view blocks lists those there are", block.Position));
        return rows;
    }

    /// <summary>Decodes the blocks and makes the table function over their events.</summary>
    /// <exception cref="QueryException">One is not in the lake, damaged, or has what is being erased.</exception>
    public async Task CreateAsync(IQueryEngine engine, IReadOnlyList<Property> hidden, CancellationToken cancellation)
    {
        engine.Execute("""
            CREATE TABLE parse_block__rows (block_id VARCHAR, ordinal UBIGINT, time_ns BIGINT, type VARCHAR, fields VARCHAR, bytes BIGINT, stream_id VARCHAR);
            CREATE MACRO parse_block(__id) AS TABLE
                SELECT ordinal::BIGINT AS ordinal, time_ns, make_timestamp_ns(time_ns) AS time, type, fields, bytes, stream_id
                FROM parse_block__rows AS __rows WHERE __rows.block_id = lower(CAST(__id AS VARCHAR));
            """);
        foreach (var row in await FindAsync(cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            var (id, streamId) = (row.BlockId.ToString(), row.StreamId.ToString());
            var events = await DecodeAsync(row, hidden, cancellation);
            engine.Append("parse_block__rows", events.Select(item => new object?[] { id, item.Ordinal, item.TimeNs, item.Type, item.Fields, (long)item.Bytes, streamId }));
        }
    }

    async Task<IReadOnlyList<ParsedEvent>> DecodeAsync(BlockRow row, IReadOnlyList<Property> hidden, CancellationToken cancellation)
    {
        try
        {
            var block = await source.ReadAsync(row, cancellation);
            var schema = await source.SchemaAsync(row.Schema, cancellation);
            if (hidden.Count > 0 && await HasAsync(row, block, schema, [.. hidden.Select(Subject.Of)], cancellation))
                throw new QueryException($"cannot look into block {row.BlockId}: some of it is being erased; ask again when the erasure has ended", PositionOf(row));
            return ParsedEvent.Of(block, schema);
        }
        catch (InvalidDataException damage)
        {
            throw new QueryException($"cannot look into block {row.BlockId}, which is damaged: {damage.Message}", PositionOf(row), damage);
        }
    }

    /// <summary>Whether an erasure would take anything out of the block. Its rows are not left out one by one, as those of views are: what lies in a span that goes, goes too.</summary>
    async Task<bool> HasAsync(BlockRow row, Block block, Schema schema, IReadOnlyList<Subject> subjects, CancellationToken cancellation)
    {
        var stream = (await store.Catalog.ReadStreamsAsync(tenant, [row.ProcessId], cancellation)).FirstOrDefault(stream => stream.StreamId == row.StreamId);
        if (stream is not null && subjects.Any(subject => subject.MatchesJson(stream.Properties))) return true;
        if (block.Header.IsOpenTelemetry) return new AttributeSearch(subjects).Finds(block.Events);
        return new StreamScan(known => new SubjectFields(known, subjects), [], takesAll: false).Scan(block, schema).IsNeeded;
    }

    int? PositionOf(BlockRow row) => blocks.First(block => block.BlockId == row.BlockId).Position;
}
