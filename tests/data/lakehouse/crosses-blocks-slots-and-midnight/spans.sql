SELECT span_id, parent_id, depth, begin_time, end_time, duration_ns, self_ns, name FROM spans WHERE process_id = $process ORDER BY begin_ns
