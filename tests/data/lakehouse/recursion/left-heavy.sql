SELECT path, name, depth, count, total_ns, self_ns FROM left_heavy JOIN processes USING (process_id) WHERE process_id = $process AND depth < 2 ORDER BY total_ns DESC, path
