SELECT name, duration_ns, self_ns FROM spans WHERE process_id = $process ORDER BY begin_ns
