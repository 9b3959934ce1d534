SELECT p.exe, l.level FROM log_entries l JOIN processes p USING (process_id) WHERE p.exe LIKE 'scr%' AND l.severity >= 13 ORDER BY l.time_ns
