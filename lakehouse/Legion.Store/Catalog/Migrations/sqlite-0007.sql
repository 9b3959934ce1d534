-- Queries that people saved; names in lower case.
CREATE TABLE saved_queries (
  tenant     TEXT NOT NULL,
  name       TEXT NOT NULL,
  sql_text   TEXT NOT NULL,
  updated_ns INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
