SELECT kind, count(*) AS n FROM problems WHERE process_id = $process GROUP BY kind ORDER BY kind
