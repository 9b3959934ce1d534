SELECT name, complete FROM attachments WHERE process_id = $process AND time > TIMESTAMP '2026-01-01 00:30:00'
