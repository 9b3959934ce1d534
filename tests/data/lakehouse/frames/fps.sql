SELECT count(*) AS samples FROM measures WHERE process_id = $process
