SELECT time_ns % 1000 AS at, thread, name, span_id, properties FROM markers WHERE process_id = $process ORDER BY time_ns
