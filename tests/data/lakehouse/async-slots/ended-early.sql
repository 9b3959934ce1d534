SELECT span_id, duration_ns FROM async_spans WHERE process_id = $process AND end_time < TIMESTAMP '2026-01-01 01:30:00' ORDER BY begin_ns
