SELECT f.flow_id, f.time_ns % 1000 AS at, f.thread, f.name, f.span_id, f.properties FROM flows f WHERE f.process_id = $process ORDER BY f.time_ns
