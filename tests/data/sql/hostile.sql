-- One statement a line, as somebody might send to a shared server. {canary} is a file that must stay unread and unchanged, {folder} its folder,
-- {partition} a published file of the lake, {catalog} the lake's database, {process} a process of the lake.
-- Reading files
SELECT * FROM read_text('{canary}')
SELECT * FROM read_blob('{canary}')
SELECT * FROM read_csv('{canary}')
SELECT * FROM read_csv_auto('{canary}')
SELECT * FROM sniff_csv('{canary}')
SELECT * FROM read_json('{canary}')
SELECT * FROM read_json_auto('{canary}')
SELECT * FROM read_json_objects('{canary}')
SELECT * FROM read_ndjson('{canary}')
SELECT * FROM read_ndjson_objects('{canary}')
SELECT * FROM read_parquet('{partition}')
SELECT * FROM parquet_scan('{partition}')
SELECT * FROM parquet_metadata('{partition}')
SELECT * FROM parquet_schema('{partition}')
SELECT * FROM parquet_file_metadata('{partition}')
SELECT * FROM parquet_kv_metadata('{partition}')
SELECT * FROM parquet_bloom_probe('{partition}', 'name', 'x')
SELECT * FROM glob('{folder}/*')
SELECT * FROM glob('/**')
SELECT * FROM '{canary}'
SELECT * FROM "{canary}"
SELECT * FROM '{partition}'
SELECT * FROM "{partition}"
SELECT * FROM 'https://127.0.0.1:1/x.parquet'
SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')
SELECT * FROM read_text('https://127.0.0.1:1/x')
SELECT * FROM read_text('s3://bucket/x')
SELECT * FROM read_text('file://{canary}')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_text('/proc/1/environ')
SELECT * FROM read_blob('/proc/self/mem')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_text('{folder}/../' || '{canary}')
SELECT * FROM read_blob('{catalog}')
SELECT * FROM sqlite_scan('{catalog}', 'access_keys')
SELECT * FROM sqlite_query('{catalog}', 'SELECT * FROM access_keys')
SELECT * FROM sqlite_attach('{catalog}')
SELECT * FROM postgres_scan('', 'public', 'x')
SELECT * FROM mysql_query('x', 'SELECT 1')
SELECT * FROM iceberg_scan('{folder}')
SELECT * FROM delta_scan('{folder}')
SELECT * FROM st_read('{canary}')
SELECT * FROM read_xlsx('{canary}')
SELECT * FROM read_duckdb('{catalog}')
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM arrow_scan_dumb(1, 2, 3)
SELECT * FROM pandas_scan(1)
SELECT * FROM python_map_function(1)
SELECT * FROM seq_scan('x')
SELECT (SELECT content FROM read_text('{canary}'))
SELECT 1 WHERE EXISTS (SELECT * FROM read_text('{canary}'))
SELECT * FROM processes, read_text('{canary}')
SELECT * FROM processes JOIN read_text('{canary}') ON true
SELECT * FROM processes, LATERAL (SELECT * FROM read_text('{canary}'))
WITH x AS (SELECT * FROM read_text('{canary}')) SELECT * FROM x
WITH x AS MATERIALIZED (SELECT * FROM read_text('{canary}')) SELECT * FROM x
WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x, read_text('{canary}') WHERE n < 3) SELECT * FROM x
SELECT * FROM (SELECT * FROM (SELECT * FROM read_text('{canary}')))
SELECT 1 UNION ALL SELECT content FROM read_text('{canary}')
SELECT 1 INTERSECT SELECT size FROM read_text('{canary}')
SELECT * FROM processes ORDER BY (SELECT content FROM read_text('{canary}'))
SELECT * FROM processes LIMIT (SELECT size FROM read_text('{canary}'))
SELECT count(*) FILTER (WHERE EXISTS (FROM read_text('{canary}'))) FROM processes
SELECT list_transform([1], x -> (SELECT content FROM read_text('{canary}')))
SELECT * FROM spans WHERE process_id = '{process}' AND name = (SELECT content FROM read_text('{canary}'))
SELECT * FROM spans WHERE process_id = (SELECT content FROM read_text('{canary}'))
SELECT * FROM spans WHERE process_id IN (SELECT content FROM read_text('{canary}'))
SELECT * FROM spans WHERE process_id = '{process}' AND begin_ns > (SELECT size FROM read_text('{canary}'))
FROM read_text('{canary}')
FROM read_text(['{canary}', '/etc/passwd'])
TABLE '{canary}'
DESCRIBE SELECT * FROM read_text('{canary}')
DESCRIBE '{partition}'
SUMMARIZE SELECT * FROM read_text('{canary}')
SUMMARIZE '{partition}'
SELECT * FROM (DESCRIBE SELECT * FROM read_parquet('{partition}'))
SELECT * FROM (SHOW ALL TABLES)
PIVOT read_text('{canary}') ON filename USING count(*)
UNPIVOT read_text('{canary}') ON content INTO NAME a VALUE b
VALUES ((SELECT content FROM read_text('{canary}')))
-- Names of files put together
SELECT * FROM query('SELECT * FROM read_text(''{canary}'')')
SELECT * FROM query_table('{canary}')
SELECT * FROM query_table(['{canary}'])
SELECT * FROM query_table('processes', true)
SELECT * FROM query('SELECT 1; COPY (SELECT 1) TO ''{folder}/out.csv''')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{canary}'')'))
FROM json_execute_serialized_sql('{}')
SELECT * FROM from_substrait('x')
SELECT * FROM read_text(getvariable('x'))
SELECT * FROM read_text($path)
SELECT * FROM duckdb_secrets()
SELECT * FROM which_secret('s3://x', 's3')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_memory()
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_log_contexts
SELECT * FROM pragma_database_list
SELECT * FROM pragma_storage_info('processes')
SELECT * FROM pragma_show('processes')
SELECT * FROM pragma_user_agent()
SELECT * FROM pragma_platform()
SELECT * FROM sqlite_master
SELECT * FROM information_schema.tables
SELECT * FROM pg_catalog.pg_settings
SELECT * FROM system.information_schema.tables
SELECT * FROM main.processes__rows
SELECT * FROM processes__rows
SELECT * FROM memory.main.processes
SELECT * FROM temp.x
-- Writing
COPY (SELECT 1) TO '{folder}/out.csv'
COPY (SELECT 1) TO '{canary}'
COPY (SELECT 1) TO '{partition}' (FORMAT parquet)
COPY (SELECT 1) TO '{folder}' (FORMAT parquet, PARTITION_BY (a), OVERWRITE_OR_IGNORE)
COPY (SELECT 1) TO '/dev/stdout'
COPY (SELECT 1) TO '/proc/self/fd/1'
COPY processes FROM '{canary}'
COPY FROM DATABASE memory TO x
EXPORT DATABASE '{folder}'
IMPORT DATABASE '{folder}'
ATTACH '{catalog}' AS c (TYPE sqlite)
ATTACH '{folder}/new.db' AS c
ATTACH ':memory:' AS c
DETACH memory
USE memory
CREATE TABLE x AS SELECT * FROM read_text('{canary}')
CREATE TABLE x (a INTEGER)
CREATE TEMP TABLE x (a INTEGER)
CREATE OR REPLACE VIEW processes AS SELECT 1
CREATE MACRO m() AS TABLE SELECT * FROM read_text('{canary}')
CREATE FUNCTION f(a) AS a
CREATE SCHEMA x
CREATE SEQUENCE x
CREATE TYPE x AS ENUM ('a')
CREATE INDEX i ON processes__rows (exe)
CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')
CREATE PERSISTENT SECRET s (TYPE s3)
DROP VIEW processes
DROP TABLE processes__rows
ALTER TABLE processes__rows ADD COLUMN x INTEGER
INSERT INTO processes__rows VALUES (1)
UPDATE processes__rows SET exe = 'x'
DELETE FROM processes__rows
TRUNCATE processes__rows
MERGE INTO processes__rows USING processes ON true WHEN MATCHED THEN DELETE
SELECT 1 INTO x
VACUUM
ANALYZE
CHECKPOINT
FORCE CHECKPOINT
CALL pragma_version()
CALL dbgen(sf = 1)
CALL start_ui()
CALL enable_logging()
COMMENT ON VIEW processes IS 'x'
-- Settings and extensions
SET enable_external_access = true
SET GLOBAL allowed_paths = ['/']
SET allowed_directories = ['/']
SET lock_configuration = false
SET memory_limit = '100GB'
SET threads = 1000
SET temp_directory = '{folder}'
SET autoinstall_known_extensions = true
SET allow_unsigned_extensions = true
SET custom_extension_repository = 'http://127.0.0.1:1'
SET home_directory = '{folder}'
SET log_query_path = '{folder}/log'
SET profiling_output = '{folder}/out'
SET enable_profiling = 'json'
RESET memory_limit
SET VARIABLE x = '{canary}'
PRAGMA enable_profiling = 'json'
PRAGMA profiling_output = '{folder}/out'
PRAGMA database_list
PRAGMA enable_checkpoint_on_shutdown
INSTALL httpfs
INSTALL '{canary}'
INSTALL httpfs FROM 'http://127.0.0.1:1'
LOAD httpfs
LOAD '{canary}'
FORCE INSTALL sqlite
UPDATE EXTENSIONS
BEGIN TRANSACTION
COMMIT
ROLLBACK
PREPARE p AS SELECT * FROM read_text('{canary}')
EXECUTE p
DEALLOCATE p
EXPLAIN SELECT * FROM read_text('{canary}')
EXPLAIN ANALYZE SELECT * FROM read_text('{canary}')
-- Several at once
SELECT 1; SELECT * FROM read_text('{canary}')
SELECT 1; COPY (SELECT 1) TO '{folder}/out.csv'
SELECT 1; SET lock_configuration = false
; COPY (SELECT 1) TO '{folder}/out.csv'
SELECT 1 /* ; */ ; DROP VIEW processes
SELECT 1) TO '{folder}/out.csv'; --
SELECT * FROM processes) AS x; COPY (SELECT 1) TO '{folder}/out.csv'; --
SELECT 1 -- '; COPY (SELECT 1) TO '{folder}/out.csv'
-- Too much
SELECT repeat('x', 1000000000000)
SELECT repeat('x', 4000000000)
SELECT length(repeat(repeat('x', 100000), 100000))
SELECT range(100000000000)
SELECT list(range) FROM range(10000000000)
SELECT string_agg(range::VARCHAR, ',') FROM range(10000000000)
SELECT array_agg(repeat('x', 10000) || range) FROM range(100000000)
SELECT histogram(range) FROM range(10000000000)
SELECT count(DISTINCT hash(range)) FROM range(10000000000)
SELECT median(random()) FROM range(10000000000)
SELECT quantile_cont(random(), 0.5) FROM range(10000000000)
SELECT * FROM range(10000000000) ORDER BY hash(range) LIMIT 1 OFFSET 5000000000
SELECT count(*) FROM range(1000000000000)
SELECT count(*) FROM range(10000000) a, range(10000000) b
SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3
SELECT a.range, count(*) FROM range(100000000) a JOIN range(100000000) b ON a.range % 10 = b.range % 10 GROUP BY ALL
SELECT row_number() OVER (ORDER BY hash(range)) AS n, * FROM range(10000000000) QUALIFY n = 1
SELECT sum(range) OVER (ORDER BY range ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM range(1000000000) LIMIT 1 OFFSET 999999998
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t
WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, range(1000)) SELECT count(*) FROM t
SELECT * FROM processes WHERE process_id IN (SELECT process_id FROM processes, range(100000000000))
SELECT * FROM spans WHERE process_id IN (SELECT process_id || repeat('x', 1000000000000) FROM processes)
SELECT * FROM spans WHERE process_id IN (SELECT p.process_id FROM processes p, processes q WHERE length(repeat(p.exe, 1000000000)) > 1)
SELECT * FROM spans WHERE process_id = '{process}' AND begin_ns > length(repeat('x', 1000000000000))
SELECT regexp_replace(repeat('a', 1000000), '(a*)*b', 'x')
SELECT regexp_matches(repeat('a', 100000), '(a|aa)+$')
SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))
SELECT list_sort(list_transform(range(100000000), x -> hash(x)))
SELECT flatten(list_transform(range(100000), x -> range(100000)))
SELECT list_reduce(range(1000000), (a, b) -> a * 3 + b)
SELECT unnest(range(100000000000)) LIMIT 1
SELECT json_object('a', repeat('x', 3000000000))
SELECT to_json(range(1000000000))
SELECT bitstring('1', 4000000000)
SELECT factorial(100000)
SELECT format('{:>2000000000}', 'x')
SELECT printf('%2000000000d', 1)
SELECT lpad('x', 2000000000, 'y')
SELECT rpad('x', 4000000000, 'y')
SELECT generate_series(1, 100000000000)
SELECT map_from_entries(list_transform(range(100000000), x -> (x, x)))
SELECT * FROM parse_block((SELECT repeat('x', 1000000000000)))
SELECT time_bin(1, range) FROM range(10000000000) GROUP BY ALL ORDER BY 1 LIMIT 1
SELECT percentile(random(), 0.5) FROM range(10000000000)
SELECT sketch(range) FROM range(10000000000)
SELECT * FROM processes TABLESAMPLE reservoir(1000000000 ROWS), range(1000000000000)
SELECT sleep_ms(600000)
SELECT sleep(600)
