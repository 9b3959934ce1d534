using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Cli.Demo;

/// <summary>What the sample says it recorded, held against what the lake says.</summary>
sealed record RecordedCounts(Guid ProcessId, IReadOnlyList<(string What, long Recorded, string Sql)> Counts)
{
    /// <summary>Reads the sample's last line.</summary>
    /// <exception cref="CommandFailure">It is something else.</exception>
    public static RecordedCounts Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var counts = new List<(string, long, string)>
            {
                ("events", root.GetProperty("events").GetInt64(), "SELECT sum(events) FROM blocks WHERE process_id = $process"),
                ("spans", root.GetProperty("spans").GetInt64(), "SELECT count(*) FROM spans WHERE process_id = $process"),
                ("metrics", root.GetProperty("metrics").GetInt64(), "SELECT count(*) FROM measures WHERE process_id = $process"),
            };
            foreach (var level in root.GetProperty("logs").EnumerateObject())
                counts.Add(($"logs: {level.Name}", level.Value.GetInt64(), $"SELECT count(*) FROM log_entries WHERE process_id = $process AND level = '{level.Name}'"));
            foreach (var type in root.GetProperty("user_events").EnumerateObject())
                counts.Add(($"events.{type.Name}", type.Value.GetInt64(), $"SELECT count(*) FROM events.{type.Name} WHERE process_id = $process"));
            counts.Add(("dropped", root.GetProperty("dropped").GetInt64(), "SELECT coalesce(sum(events), 0) FROM problems WHERE process_id = $process"));
            counts.Add(("problems", 0, "SELECT count(*) FROM problems WHERE process_id = $process"));
            return new RecordedCounts(root.GetProperty("process_id").GetGuid(), counts);
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw CommandFailure.Failed($"expected the sample's counts as one line of JSON, saw '{line}'", cause);
        }
    }

    /// <summary>Prints each count beside the lake's.</summary>
    /// <exception cref="CommandFailure">They differ.</exception>
    public async Task CompareAsync(Lake lake, TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine($"{"",-20}{"recorded",14}{"in the lake",14}");
        var differs = false;
        foreach (var (what, recorded, sql) in Counts)
        {
            using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = ProcessId } }, cancellation);
            using var rows = result.ReadRows(cancellation);
            rows.Read();
            var stored = Convert.ToInt64(rows[0] is System.Numerics.BigInteger big ? (long)big : rows[0], System.Globalization.CultureInfo.InvariantCulture);
            differs |= stored != recorded;
            output.WriteLine($"{what,-20}{recorded,14:N0}{stored,14:N0}{(stored == recorded ? "" : "   differs")}");
        }
        if (differs) throw CommandFailure.Failed("the lake does not hold what the sample recorded; see the table above");
    }
}
