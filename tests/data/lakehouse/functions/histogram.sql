SELECT h.low, h.high, h.count FROM (SELECT unnest(histogram(value)) AS h FROM measures WHERE process_id = $process AND name = 'depth')
UNION ALL
SELECT h.low, h.high, h.count FROM (SELECT unnest(histogram(value, 0, 3, 3)) AS h FROM measures WHERE process_id = $process AND name = 'depth')
