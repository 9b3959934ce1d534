SELECT span_id, parent_id, depth, duration_ns, self_ns, name, truncated FROM spans WHERE process_id = $process ORDER BY begin_ns
