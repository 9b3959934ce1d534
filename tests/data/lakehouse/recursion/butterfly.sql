SELECT name, wing, other, count, total_ns FROM butterfly WHERE process_id IN (SELECT process_id FROM processes) AND name = 'f' ORDER BY wing, other NULLS FIRST
