-- Processes that somebody looks at as they run. The answers to what these send say so, that they send at shorter intervals.
CREATE TABLE watches (
  tenant     TEXT    NOT NULL,
  process_id BLOB    NOT NULL,
  until_ns   INTEGER NOT NULL,
  PRIMARY KEY (tenant, process_id)
) WITHOUT ROWID;
