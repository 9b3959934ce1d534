using Legion.Lakehouse.OpenTelemetry;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse.Logs;

/// <summary>An entry with what orders those of one time.</summary>
readonly record struct OrderedEntry(LogEntry Entry, int Severity) : IComparable<OrderedEntry>
{
    public int CompareTo(OrderedEntry other)
    {
        var order = Entry.TimeNs.CompareTo(other.Entry.TimeNs);
        if (order == 0) order = Severity.CompareTo(other.Severity);
        if (order == 0) order = string.CompareOrdinal(Entry.Thread, other.Entry.Thread);
        if (order == 0) order = string.CompareOrdinal(Entry.Target, other.Entry.Target);
        return order == 0 ? string.CompareOrdinal(Entry.Message, other.Entry.Message) : order;
    }
}

/// <summary>
/// Reads entries out of blocks, without a partition: times and levels of a block take a millisecond or two, and texts are made of those entries alone that somebody sees.
/// Safe for use from several threads.
/// </summary>
sealed class LogBlockReader(Lake lake)
{
    /// <summary>Longer messages are cut: nobody reads more in a list.</summary>
    const int MostCharacters = 10_000;

    /// <summary>Entries whose times and levels are kept: 13 bytes each.</summary>
    const long KeptEntries = 4_000_000;

    readonly BlockSource source = new(lake.Store.Objects, lake.Store.Catalog, lake.Tenant);
    /// <summary>By a block and its bytes, as what is erased from a block leaves its id.</summary>
    readonly RecentValues<(Guid Block, uint Checksum), LogPoints> points = new(KeptEntries, known => known.Count + 1);

    /// <summary>Of each severity the place of its level in <see cref="LogFilter.Levels"/>.</summary>
    static readonly byte[] levelOf = [.. Enumerable.Range(0, 25).Select(severity => (byte)LogFilter.Levels.Index().First(level => level.Item == LogDecoder.LevelOf(severity)).Index)];

    /// <summary>Times and levels of all entries of a block; of one that cannot be read, none.</summary>
    public async Task<LogPoints> PointsAsync(BlockRow row, CancellationToken cancellation)
    {
        if (points.TryGet((row.BlockId, row.StoredChecksum), out var known)) return known;
        known = await ReadPointsAsync(row, cancellation);
        points.Put((row.BlockId, row.StoredChecksum), known);
        return known;
    }

    /// <summary>The same for those who read block after block, and come back to none.</summary>
    public async Task<LogPoints> ReadPointsAsync(BlockRow row, CancellationToken cancellation)
    {
        if (points.TryGet((row.BlockId, row.StoredChecksum), out var known)) return known;
        var (times, levels) = (new List<long>((int)Math.Min(row.Events, 1 << 16)), new List<byte>());
        void Take(long timeNs, int severity)
        {
            times.Add(timeNs);
            levels.Add(levelOf[severity]);
        }
        try
        {
            using var block = await source.ReadAsync(row, cancellation);
            if (block.Header.IsOpenTelemetry) OtlpLogDecoder.ReadPoints(block, Take);
            else LogDecoder.ReadPoints(block, await source.SchemaAsync(row.Schema, cancellation), Take);
            return LogPoints.Of(times, levels);
        }
        catch (InvalidDataException)
        {
            return LogPoints.None; // the damage is a row of problems
        }
    }

    /// <summary>Some entries of a block with their texts, in the order of the block.</summary>
    /// <returns>Null where the block cannot be read.</returns>
    public async Task<IReadOnlyList<OrderedEntry>?> EntriesAsync(BlockRow row, IReadOnlySet<int> wanted, CancellationToken cancellation)
    {
        using var rows = new RowBuffer(Views.LogEntries, Views.LogEntries.Stored);
        try
        {
            using var block = await source.ReadAsync(row, cancellation);
            OtlpBlock.Either(new LogDecoder(rows) { IsWanted = wanted.Contains }.Add, new OtlpLogDecoder(rows) { IsWanted = wanted.Contains }.Add)(
                block, await source.SchemaAsync(row.Schema, cancellation), row.ProcessId.ToString(), row.StreamId.ToString());
        }
        catch (InvalidDataException)
        {
            return null;
        }
        var (times, severities) = (rows.Get<long>("time_ns"), rows.Get<int>("severity"));
        var (levels, threads, targets, messages) = (rows.Text("level"), rows.Text("thread"), rows.Text("target"), rows.Text("message"));
        return [.. Enumerable.Range(0, rows.Count).Select(i => new OrderedEntry(new LogEntry(times[i], levels[i]!, threads[i] ?? "", targets[i] ?? "", Beginning(messages[i] ?? "")), severities[i]))];
    }

    /// <summary>No half of a character that takes two.</summary>
    static string Beginning(string message) => message.Length <= MostCharacters ? message
        : string.Concat(message.AsSpan(0, char.IsHighSurrogate(message[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters), "…");
}
