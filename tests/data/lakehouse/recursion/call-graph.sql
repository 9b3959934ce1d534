SELECT caller, callee, count, total_ns, self_ns FROM call_graph WHERE process_id = $process ORDER BY caller NULLS FIRST, callee
