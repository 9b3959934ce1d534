SELECT thread, path, parent_path, name, depth, recursive, count, total_ns, self_ns FROM call_tree WHERE process_id = $process ORDER BY thread, path
