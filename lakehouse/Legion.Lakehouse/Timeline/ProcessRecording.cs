using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse.Timeline;

/// <summary>How a process was recorded: its streams, what of them is missing or doubtful, and the files that it sent along. Safe for use from several threads.</summary>
/// <remarks>Every method throws <see cref="NotInLakeException"/> where there is no such process.</remarks>
public sealed class ProcessRecording(Lake lake)
{
    /// <summary>Of the problems of a process those that are told one by one: enough to look into; the sums are of all.</summary>
    public const int MostProblems = 100;

    /// <summary>Of the attachments of a process those that are told.</summary>
    public const int MostAttachments = 1000;

    /// <summary>Sums first, then single problems, of one look at the view. What producers say can be as large as it likes: sums stay within 64 bits.</summary>
    const string HealthSql = """
        WITH found AS MATERIALIZED (
          SELECT kind, severity, CASE severity WHEN 'error' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END AS place, CASE kind WHEN 'gap' THEN detail ELSE '' END AS reason,
            stream_id, begin_ns, end_ns, events, bytes, detail
          FROM problems WHERE process_id = $process),
        sums AS (
          SELECT 0 AS part, place, kind, severity, reason, count(*) AS count, least(sum(events), 9223372036854775807)::BIGINT AS events, least(sum(bytes), 9223372036854775807)::BIGINT AS bytes,
            min(begin_ns) AS begin_ns, max(end_ns) AS end_ns, '' AS stream_id, '' AS detail
          FROM found GROUP BY ALL),
        single AS (
          SELECT 1, place, kind, severity, reason, 1, events, bytes, begin_ns, end_ns, stream_id, detail
          FROM found WHERE severity <> 'info' ORDER BY place, begin_ns, stream_id, kind LIMIT $most)
        SELECT part, kind, severity, reason, count, events, bytes, begin_ns, end_ns, stream_id, detail
        FROM (FROM sums UNION ALL FROM single) ORDER BY part, place, begin_ns, stream_id, kind, reason
        """;

    /// <summary>The first ones, and how many there are.</summary>
    const string AttachmentsSql = """
        SELECT attachment_id, stream_id, time_ns, media_type, name, bytes, complete, count(*) OVER ()
        FROM attachments WHERE process_id = $process ORDER BY time_ns, attachment_id LIMIT $most
        """;

    /// <summary>What its streams have stored, by their ids, without reading a block's row: those of a long process are many.</summary>
    public async Task<IReadOnlyDictionary<Guid, StreamSums>> SumStreamsAsync(Guid processId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        return (await lake.Store.Catalog.SumStreamsAsync(lake.Tenant, processId, lake.FrozenVersion(processId), cancellation)).ToDictionary(sums => sums.StreamId);
    }

    /// <summary>What is damaged, missing or doubtful. Blocks that nobody has looked at yet are read for it.</summary>
    public async Task<ProcessHealth> ReadHealthAsync(Guid processId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(HealthSql, Options(processId, MostProblems), cancellation);
        using var rows = result.ReadRows(cancellation);
        var (kinds, problems) = (new List<ProblemSums>(), new List<RecordedProblem>());
        while (rows.Read())
        {
            if (Convert.ToInt64(rows[0], null) == 0)
                kinds.Add(new(rows.Text(1), rows.Text(2), rows.Text(3), rows.Int64(4), rows.Int64(5), rows.Int64(6), rows.Int64(7), rows.Int64(8)));
            else
                problems.Add(new(rows.Text(1), rows.Text(2), rows.Int64(5), rows.Int64(6), rows.Int64(7), rows.Int64(8), rows.Text(9), rows.Text(10)));
        }
        return new ProcessHealth(kinds, problems, result.Receipt.LostEvents);
    }

    /// <summary>The files that the process sent along, in order of time.</summary>
    public async Task<SentFiles> ReadAttachmentsAsync(Guid processId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(AttachmentsSql, Options(processId, MostAttachments), cancellation);
        using var rows = result.ReadRows(cancellation);
        var (files, total) = (new List<SentFile>(), 0L);
        while (rows.Read())
        {
            total = rows.Int64(7);
            files.Add(new(rows.Text(0), rows.Text(1), rows.Int64(2), rows.Text(3), rows.Text(4), rows.Int64(5), rows[6] is true));
        }
        return new SentFiles(files, total);
    }

    static QueryOptions Options(Guid processId, int most) => new() { Parameters = new Dictionary<string, object?> { ["process"] = processId, ["most"] = most } };
}

/// <summary>What is wrong with the record of a process.</summary>
/// <param name="Kinds">All problems, summed up; the worst first.</param>
/// <param name="Problems">Some of them, without those of severity info: nobody has to look into what was left out on purpose. The worst first.</param>
/// <param name="LostEvents">Events that the producer dropped, and those of blocks that never came.</param>
public sealed record ProcessHealth(IReadOnlyList<ProblemSums> Kinds, IReadOnlyList<RecordedProblem> Problems, long LostEvents);

/// <summary>The problems of a kind and a severity.</summary>
/// <param name="Reason">Of gaps, why there are; empty for others.</param>
public sealed record ProblemSums(string Kind, string Severity, string Reason, long Count, long Events, long Bytes, long BeginNs, long EndNs);

/// <summary>A row of <c>problems</c>.</summary>
public sealed record RecordedProblem(string Kind, string Severity, long Events, long Bytes, long BeginNs, long EndNs, string StreamId, string Detail);

/// <summary>The first attachments of a process.</summary>
/// <param name="Total">How many it has.</param>
public sealed record SentFiles(IReadOnlyList<SentFile> Files, long Total);

/// <summary>An attachment.</summary>
/// <param name="Bytes">Size of what arrived of it.</param>
/// <param name="IsComplete">All of it arrived, and has the hash that its program says.</param>
public sealed record SentFile(string AttachmentId, string StreamId, long TimeNs, string MediaType, string Name, long Bytes, bool IsComplete);
