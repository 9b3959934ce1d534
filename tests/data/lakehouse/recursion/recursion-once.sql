SELECT name, sum(count)::BIGINT AS calls, (sum(total_ns) FILTER (NOT recursive))::BIGINT AS total, sum(self_ns)::BIGINT AS self FROM call_tree WHERE process_id = $process GROUP BY name ORDER BY name
