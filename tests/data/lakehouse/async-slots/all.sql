SELECT span_id, end_ns IS NULL AS open, duration_ns FROM async_spans WHERE process_id = $process ORDER BY begin_ns
