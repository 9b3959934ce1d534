SELECT kind, events FROM problems WHERE process_id = $process
