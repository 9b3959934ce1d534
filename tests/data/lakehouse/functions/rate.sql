SELECT time_bin(INTERVAL 1 second, time) AS bin, sum(value) AS n, rate(value, time) AS own, rate(value, time_ns, 1000000000) AS per_bin
FROM measures WHERE process_id = $process AND name = 'requests' GROUP BY bin
UNION ALL
SELECT NULL, sum(value), rate(value, time_ns), rate(value, time, INTERVAL 1 second)
FROM measures WHERE process_id = $process AND name = 'requests'
ORDER BY bin NULLS LAST
