SELECT span_id, depth, name, end_ns IS NULL AS open, duration_ns FROM spans WHERE process_id = $process ORDER BY begin_ns
