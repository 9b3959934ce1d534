SELECT time, thread, name, unit, value, properties, kind FROM measures WHERE process_id = $process ORDER BY time_ns
