SELECT kind, severity, end_ns - begin_ns AS ns, events, bytes, detail FROM problems WHERE process_id = $process ORDER BY detail
