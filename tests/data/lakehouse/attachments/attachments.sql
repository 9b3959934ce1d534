SELECT name, media_type, bytes, complete, left(sha256, 8) AS hash, time_ns % 1000 AS at FROM attachments WHERE process_id = $process ORDER BY time_ns
