-- Queries that were asked; outcome as QueryOutcome numbers it.
CREATE TABLE query_audit (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant          TEXT NOT NULL,
  at_ns           INTEGER NOT NULL,
  actor           TEXT NOT NULL,
  sql_text        TEXT NOT NULL,
  duration_ns     INTEGER NOT NULL,
  row_count       INTEGER NOT NULL,
  partition_bytes INTEGER NOT NULL,
  built           INTEGER NOT NULL,
  outcome         INTEGER NOT NULL,
  detail          TEXT NOT NULL,
  peak_memory     INTEGER NOT NULL
);
CREATE INDEX query_audit_by_time ON query_audit (tenant, at_ns);
