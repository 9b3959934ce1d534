SELECT thread, span_id, parent_id, depth, begin_ns - epoch_ns(TIMESTAMP '2026-01-01') AS begin, duration_ns, self_ns, name, target, line, properties, truncated
FROM spans WHERE process_id = $process ORDER BY begin_ns
