-- Short addresses of the viewer's pages. One without an address stands for what is gone.
CREATE TABLE links (
  tenant     TEXT NOT NULL,
  link_id    TEXT NOT NULL,
  process_id BLOB,
  address    TEXT NOT NULL,
  version    INTEGER,
  created_ns INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_ns INTEGER,
  PRIMARY KEY (tenant, link_id)
) WITHOUT ROWID;
CREATE INDEX links_by_process ON links (tenant, process_id);
