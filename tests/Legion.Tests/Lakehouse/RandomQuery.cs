namespace Legion.Tests.Lakehouse;

/// <summary>
/// Makes SELECTs in the shapes by which a query may be narrowed wrongly: set operations, shadowed names, outer joins, subqueries, negation.
/// Each answers with numbers that change when a row is missing, so that answers are compared as text.
/// </summary>
sealed class RandomQuery(Random random, IReadOnlyList<Guid> processes)
{
    static readonly string[] Views = ["spans", "log_entries", "measures", "async_spans"];

    public string Next()
    {
        var view = Pick(Views);
        return random.Next(16) switch
        {
            0 => $"SELECT {Digest("a", view)} FROM {view} a WHERE {Condition("a", view)}",
            1 => $"SELECT * FROM (SELECT {Digest("a", view)} FROM {view} a WHERE {Condition("a", view)}) {Pick("UNION ALL", "UNION", "EXCEPT", "INTERSECT")} SELECT {Digest("b", view)} FROM {view} b WHERE {Condition("b", view)} ORDER BY ALL",
            2 => $"WITH {view} AS (SELECT * FROM {view} WHERE {One("process_id")}) SELECT {Digest("a", view)} FROM {view} a WHERE {Condition("a", view)}",
            3 => $"WITH streams AS (SELECT '{Id()}' AS process_id, 'main' AS name) SELECT {Digest("a", view)} FROM {view} a WHERE process_id IN (SELECT process_id FROM streams) AND {Condition("a", view)}",
            4 => $"WITH processes AS (SELECT DISTINCT process_id FROM streams WHERE {One("process_id")}) SELECT {Digest("a", view)} FROM {view} a WHERE a.process_id = (SELECT process_id FROM processes) AND {Loose("a", view)}",
            5 => $"SELECT {Digest("a", view)}, count(b.process_id) AS m FROM {view} a {Join()} {Other(out var other)} b ON {JoinCondition("a", "b")} WHERE {Condition("a", view)} AND {Loose("b", other)}",
            6 => $"SELECT {Digest("a", view)}, count(*) AS m FROM {view} a {Pick("", "LEFT", "SEMI", "ANTI")} JOIN {Other(out _)} b USING (process_id) WHERE {Condition("a", view)}",
            7 => $"SELECT count(*) AS n, count(DISTINCT l.process_id) AS m, count(DISTINCT s.process_id) AS k FROM processes p, log_entries l JOIN {view} s USING (process_id) WHERE {One("p.process_id")} AND {Pick("true", Many("l.process_id"))}",
            8 => $"SELECT p.exe, (SELECT count(*) FROM {view} s WHERE s.process_id = p.process_id AND {Condition("s", view)}) AS n FROM processes p ORDER BY ALL",
            9 => $"SELECT p.process_id, q.n FROM processes p, LATERAL (SELECT count(*) AS n FROM {view} s WHERE s.process_id = p.process_id AND {Condition("s", view)}) q ORDER BY ALL",
            10 => $"SELECT process_id, {Time(view)} AS t, row_number() OVER (PARTITION BY process_id ORDER BY {Time(view)}, stream_id) AS r FROM {view} a WHERE {Condition("a", view)} QUALIFY r <= {1 + random.Next(3)} ORDER BY ALL",
            11 => $"SELECT '{Id()}' AS process_id, {Digest("a", view)} FROM {view} a WHERE {One("process_id")} AND {Loose("a", view)}",
            12 => $"SELECT a.stream_id AS process_id, count(*) AS n FROM {view} a WHERE {Condition("a", view)} GROUP BY ALL HAVING {Pick("count(*) > 0", Many("any_value(a.process_id)"))} ORDER BY ALL",
            13 => $"SELECT count(*) AS n FROM {view} AS a({Pick("stream_id, process_id", "process_id, thread, stream_id")}) WHERE {One("a.process_id")} OR {Many("a.stream_id")}",
            14 => $"SELECT {Digest("a", view)} FROM {view} a WHERE {Condition("a", view)} AND EXISTS (SELECT 1 FROM {Other(out var inner)} b WHERE b.process_id = a.process_id AND {Condition("b", inner)})",
            _ => $"SELECT {Digest("a", view)} FROM {view} a JOIN streams t USING (stream_id) JOIN processes p ON p.process_id = t.process_id WHERE {Pick("t.class <> 'x'", "p.exe = 'script'", "t.name = 'main'")} AND {Many("a.process_id")} AND {Loose("a", view)}",
        };
    }

    /// <summary>Numbers that any missing row changes.</summary>
    static string Digest(string alias, string view) =>
        $"count(*) AS n, count(DISTINCT {alias}.process_id) AS p, min({alias}.{Time(view)}) AS first, max({alias}.{Time(view)}) AS last, sum(({alias}.{Time(view)} // 1000) % 1000003) AS sum";

    static string Time(string view) => Lasts(view) ? "begin_ns" : "time_ns";

    static bool Lasts(string view) => view is "spans" or "async_spans";

    /// <summary>Conditions of which one names processes, as views per process ask for.</summary>
    string Condition(string alias, string view)
    {
        var column = $"{alias}.process_id";
        var named = random.Next(4) == 0 ? One(column) : Many(column);
        return random.Next(5) switch
        {
            0 => named,
            1 => $"{Loose(alias, view)} AND {named}",
            2 => $"({named} AND {Loose(alias, view)}) AND {Loose(alias, view)}",
            3 => $"{named} AND NOT ({Loose(alias, view)})",
            _ => $"{named} AND ({Loose(alias, view)} OR {One(column)})",
        };
    }

    /// <summary>A condition that mostly does not narrow processes.</summary>
    string Loose(string alias, string view) => random.Next(7) switch
    {
        0 => "true",
        1 => $"NOT ({One($"{alias}.process_id")})",
        2 => $"({One($"{alias}.process_id")} OR {TimeCondition(alias, view)})",
        3 => $"coalesce({One($"{alias}.process_id")}, true)",
        4 => $"{alias}.process_id NOT IN ('{Id()}', 'x')",
        _ => TimeCondition(alias, view),
    };

    string TimeCondition(string alias, string view)
    {
        var (column, twin) = Lasts(view) ? Pick(("begin_ns", "begin_time"), ("end_ns", "end_time")) : ("time_ns", "time");
        var (from, to) = (random.Next(-1, 30), random.Next(-1, 30));
        var moment = $"TIMESTAMP '2026-01-01 20:00:00' + INTERVAL {from * 17} MINUTE";
        return random.Next(9) switch
        {
            0 => $"{alias}.{column} {Pick("<", "<=", ">", ">=", "=")} epoch_ns({moment})",
            1 => $"{alias}.{twin} {Pick("<", "<=", ">", ">=")} {moment}",
            2 => $"{moment} {Pick("<", "<=", ">", ">=")} {alias}.{twin}",
            3 => $"{alias}.{twin} BETWEEN {moment} AND TIMESTAMP '2026-01-01 20:00:00' + INTERVAL {to * 17} MINUTE",
            4 => $"{alias}.{twin}::DATE {Pick("=", "<=", "<", ">", ">=")} DATE '2026-01-0{random.Next(1, 4)}'",
            5 => $"{alias}.{twin} {Pick("<", ">")} now()::TIMESTAMP - INTERVAL {random.Next(100)} DAY",
            6 => $"{alias}.{column}::FLOAT {Pick("<=", ">=")} epoch_ns({moment})::FLOAT",
            7 => $"{alias}.{column}::DOUBLE {Pick("<=", ">=")} epoch_ns({moment})",
            _ => $"date_trunc('day', {alias}.{twin}) {Pick("=", "<", ">=")} TIMESTAMP '2026-01-02'",
        };
    }

    string One(string column) => random.Next(6) switch
    {
        0 => $"{column}::UUID = '{Id().ToString().ToUpperInvariant()}'",
        1 => $"CAST({column} AS UUID) = UUID '{Id():N}'",
        2 => $"'{Id()}' = {column}",
        3 => $"{column} = $p{random.Next(processes.Count)}",
        _ => $"{column} = '{Id()}'",
    };

    string Many(string column) => random.Next(6) switch
    {
        0 => $"{column} IN ('{Id()}', NULL)",
        1 => $"{column} IN (SELECT process_id FROM processes)",
        2 => $"{column} IN (SELECT process_id FROM streams WHERE process_id <> '{Id()}' OR name = 'main')",
        3 => $"{column} IN (SELECT process_id FROM processes ORDER BY process_id LIMIT 2)",
        4 => $"{column} IN ('{Id()}', $p{random.Next(processes.Count)}, '{Id()}')",
        _ => $"{column} = ANY (SELECT process_id FROM blocks WHERE class = 'trace')",
    };

    string Other(out string view)
    {
        view = Pick(Views);
        return view;
    }

    string Join() => Pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN");

    string JoinCondition(string a, string b) => Pick(
        $"{a}.process_id = {b}.process_id",
        $"{a}.process_id = {b}.process_id AND {Many($"{b}.process_id")}",
        $"{a}.process_id = {b}.process_id AND {One($"{a}.process_id")}",
        $"{a}.stream_id = {b}.stream_id AND {Many($"{b}.process_id")}",
        $"{a}.thread = {b}.thread AND {One($"{b}.process_id")}");

    Guid Id() => processes[random.Next(processes.Count)];

    T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
