SELECT span_id, parent_id, name, thread, end_thread, end_ns IS NULL AS open, duration_ns, properties FROM async_spans WHERE process_id = $process ORDER BY begin_ns
