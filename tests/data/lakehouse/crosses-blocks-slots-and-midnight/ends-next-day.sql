SELECT name, depth, duration_ns FROM spans WHERE process_id = $process AND end_time >= TIMESTAMP '2026-01-02' ORDER BY begin_ns
