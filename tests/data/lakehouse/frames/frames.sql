SELECT name, number, thread, duration_ns, begin_ns = epoch_ns(begin_time) AS twin, properties FROM frames WHERE process_id = $process ORDER BY begin_ns, name
