SELECT span_id, name, end_ns IS NULL AS open FROM async_spans WHERE process_id = $process ORDER BY begin_ns
