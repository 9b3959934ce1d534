SELECT time_ns - epoch_ns(TIMESTAMP '2026-01-01') AS t, number, number__varchar, gpu, gpu__bigint, scene FROM events.Frame WHERE process_id = $process ORDER BY time_ns
