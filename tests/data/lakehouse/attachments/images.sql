SELECT name, media_type, bytes, complete, time = make_timestamp_ns(time_ns) AS twin FROM images WHERE process_id = $process ORDER BY time_ns
