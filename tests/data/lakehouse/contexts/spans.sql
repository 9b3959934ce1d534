SELECT name, depth, properties FROM spans WHERE process_id = $process ORDER BY begin_ns
