SELECT time_ns - epoch_ns(TIMESTAMP '2026-01-01') AS t, level, severity, thread, message, arguments, line FROM log_entries WHERE process_id = $process ORDER BY time_ns
