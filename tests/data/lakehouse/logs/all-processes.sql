SELECT level, count(*) AS n FROM log_entries GROUP BY level ORDER BY level
