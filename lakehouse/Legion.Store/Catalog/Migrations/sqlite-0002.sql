-- Signed remote commands on their way to processes. Nobody here can check them, so several of one process stand side by side
-- and the process takes what it finds to be signed; digest names payload and signature.
CREATE TABLE commands (
  tenant     TEXT NOT NULL,
  process_id BLOB NOT NULL,
  digest     BLOB NOT NULL,
  number     INTEGER NOT NULL,
  expires_ns INTEGER NOT NULL,
  payload    BLOB NOT NULL,
  signature  BLOB NOT NULL,
  PRIMARY KEY (tenant, process_id, digest)
) WITHOUT ROWID;
