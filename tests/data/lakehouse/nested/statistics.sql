SELECT name, sum(count)::BIGINT AS n, sum(total_ns)::BIGINT AS total, sum(self_ns)::BIGINT AS self, min(min_ns) AS shortest, max(max_ns) AS longest, list_sum(flatten(list(counts)))::BIGINT AS in_bins
FROM span_stats WHERE process_id = $process GROUP BY name ORDER BY name
