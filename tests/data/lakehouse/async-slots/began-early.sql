SELECT span_id, end_ns IS NULL AS open FROM async_spans WHERE process_id = $process AND begin_time < TIMESTAMP '2026-01-01 00:30:00' ORDER BY begin_ns
