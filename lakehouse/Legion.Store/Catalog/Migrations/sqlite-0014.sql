-- Reports that somebody published: their pages are objects, and only these scripts run in them. One without an object stands for what is gone.
CREATE TABLE reports (
  tenant       TEXT NOT NULL,
  report_id    TEXT NOT NULL,
  title        TEXT NOT NULL,
  created_ns   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  expires_ns   INTEGER,
  object_key   TEXT NOT NULL,
  bytes        INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  scripts      TEXT NOT NULL,
  PRIMARY KEY (tenant, report_id)
) WITHOUT ROWID;

-- The processes that a report names: it goes with any of them.
CREATE TABLE report_processes (
  tenant     TEXT NOT NULL,
  process_id BLOB NOT NULL,
  report_id  TEXT NOT NULL,
  PRIMARY KEY (tenant, process_id, report_id)
) WITHOUT ROWID;
