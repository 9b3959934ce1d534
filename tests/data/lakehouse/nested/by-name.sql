SELECT name, count(*) AS n, sum(duration_ns) AS total, sum(self_ns) AS self, min(begin_time) AS first FROM spans
WHERE process_id IN (SELECT process_id FROM processes WHERE exe = 'script') GROUP BY name ORDER BY name
