SELECT thread, path, parent_path, name, depth, recursive, count, total_ns, self_ns, slot FROM call_tree WHERE process_id = $process ORDER BY path
