using System.Collections.Concurrent;
using System.Globalization;
using Dapper;
using Legion.Format;
using MySqlConnector;

namespace Legion.Store;

/// <summary>
/// The partitions of a MySQL catalog's blocks: one per bucket, so that retention drops a class of a day whole; made for the four classes of a day when its first block comes.
/// A server allows 8,192 partitions, five and a half years; a process's blocks span at most 460 days, so that no client's invented days fill them.
/// </summary>
sealed class BlockBuckets
{
    public const int Classes = 4;

    /// <summary>Days whose partitions were there when this process last looked.</summary>
    readonly ConcurrentDictionary<int, bool> known = new();

    public bool Know(int[] days) => days.All(known.ContainsKey);

    public void Forget(int[] days)
    {
        foreach (var day in days) known.TryRemove(day, out _);
    }

    /// <summary>Makes what is missing. The caller sees to it that nobody else does at the same time.</summary>
    public async Task AddAsync(MySqlConnection connection, int[] days)
    {
        var there = (await connection.QueryAsync<string>("SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = 'blocks'")).ToHashSet();
        var missing = days.SelectMany(day => Enumerable.Range(day * Classes, Classes)).Where(bucket => !there.Contains($"b{bucket}"))
            .Select(bucket => $"PARTITION b{bucket} VALUES IN ({bucket})").ToList();
        if (missing.Count > 0) await connection.ExecuteAsync($"ALTER TABLE blocks ADD PARTITION ({string.Join(", ", missing)})");
        foreach (var day in days) known[day] = true;
    }

    /// <summary>Drops those of a class before a day, in which every tenant's rule must have ended: one that has no rule keeps its blocks for good.</summary>
    public async Task<int> DropAsync(MySqlConnection connection, StreamClass streamClass, int firstDay)
    {
        var everyTenantHasOne = await connection.ExecuteScalarAsync<bool>(
            """
            SELECT COUNT(*) = COUNT(retention.days)
            FROM tenants LEFT JOIN retention ON retention.tenant = tenants.tenant AND retention.class = @streamClass
            """, new { streamClass = (int)streamClass });
        if (!everyTenantHasOne) return 0;
        var there = await connection.QueryAsync<string>("SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = 'blocks' AND partition_name LIKE 'b%'");
        var over = there.Select(name => int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture)).Where(bucket => bucket % Classes == (int)streamClass && bucket / Classes < firstDay).ToList();
        if (over.Count == 0) return 0;
        await connection.ExecuteAsync($"ALTER TABLE blocks DROP PARTITION {string.Join(", ", over.Select(bucket => $"b{bucket}"))}");
        Forget([.. over.Select(bucket => bucket / Classes)]);
        return over.Count;
    }
}
