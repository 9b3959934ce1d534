SELECT count(*) AS n FROM problems WHERE process_id = $process
