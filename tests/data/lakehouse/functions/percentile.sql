WITH sketches AS (SELECT sketch(value) AS s FROM measures WHERE process_id = $process AND name = 'depth' GROUP BY value)
SELECT (SELECT percentile(value, 0.5) FROM measures WHERE process_id = $process AND name = 'depth') AS exact,
    percentile(s.bins, s.counts, 0) AS least, round(percentile(s.bins, s.counts, 0.5), 2) AS middle, round(percentile(s.bins, s.counts, 1) / 4, 2) AS most
FROM sketches
