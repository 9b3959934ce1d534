SELECT span_id, parent_id, trace_id, thread, end_thread, duration_ns, name, target, file, line, properties, begin_ns = epoch_ns(begin_time) AND end_ns = epoch_ns(end_time) AS twins
FROM async_spans WHERE process_id = $process ORDER BY begin_ns
