-- What is erased, and was. kind as ErasureKind numbers them; digest is the keyed hash of the subject, by which what comes late is known.
-- value stands here until all that has it is rewritten; counts and the receipt come with the end.
CREATE TABLE erasures (
  tenant       TEXT NOT NULL,
  erasure_id   BLOB NOT NULL,
  kind         INTEGER NOT NULL,
  property     TEXT NOT NULL,
  value        TEXT,
  digest       BLOB NOT NULL,
  requested_ns INTEGER NOT NULL,
  position     BLOB,
  rewritten_ns INTEGER,
  finished_ns  INTEGER,
  processes    INTEGER NOT NULL,
  blocks       INTEGER NOT NULL,
  events       INTEGER NOT NULL,
  receipt      TEXT,
  PRIMARY KEY (tenant, erasure_id)
) WITHOUT ROWID;

CREATE TABLE erasure_keys (
  tenant      TEXT PRIMARY KEY,
  hash_key    BLOB NOT NULL,
  signing_key BLOB NOT NULL
) WITHOUT ROWID;

-- Keyed hashes of erased processes and rewritten blocks; kind as TombstoneKind numbers them.
CREATE TABLE tombstones (
  tenant TEXT NOT NULL,
  digest BLOB NOT NULL,
  kind   INTEGER NOT NULL,
  PRIMARY KEY (tenant, digest, kind)
) WITHOUT ROWID;

-- Objects that no row names any more and that are to be deleted.
CREATE TABLE doomed (
  tenant     TEXT NOT NULL,
  object_key TEXT NOT NULL,
  PRIMARY KEY (tenant, object_key)
) WITHOUT ROWID;

-- Blocks that nobody sees until they have been searched for what was erased.
CREATE TABLE quarantine (
  tenant     TEXT NOT NULL,
  block_id   BLOB NOT NULL,
  process_id BLOB NOT NULL,
  PRIMARY KEY (tenant, block_id)
) WITHOUT ROWID;

-- For how many days blocks of a class are kept; no row is for good.
CREATE TABLE retention (
  tenant TEXT NOT NULL,
  class  INTEGER NOT NULL,
  days   INTEGER NOT NULL,
  PRIMARY KEY (tenant, class)
) WITHOUT ROWID;
