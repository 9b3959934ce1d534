SELECT a.name, b.name AS begun_on, e.name AS ended_on FROM async_spans a JOIN streams b ON b.stream_id = a.begin_stream_id JOIN streams e ON e.stream_id = a.stream_id
WHERE a.process_id = $process ORDER BY a.begin_ns
