SELECT name, depth, duration_ns FROM spans WHERE process_id = $process
