SELECT begin_ns - 1767225600000000000 AS begin, property(properties, 'user') AS user, property(properties, 'none') AS none
FROM spans WHERE process_id = $process AND property(properties, 'a.b/c') = '1' AND depth = 0
