-- Ids are 16 bytes in the order of RFC 9562. Unsigned 64-bit values are stored in the same bits, signed.

CREATE TABLE tenants (
  tenant        TEXT PRIMARY KEY,
  created_ns    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE processes (
  tenant            TEXT NOT NULL,
  process_id        BLOB NOT NULL,
  record_version    INTEGER NOT NULL,
  version           INTEGER NOT NULL,
  removed_version   INTEGER NOT NULL,
  registered_ns     INTEGER NOT NULL,
  parent_process_id BLOB,
  exe               TEXT NOT NULL,
  user              TEXT NOT NULL,
  computer          TEXT NOT NULL,
  os                TEXT NOT NULL,
  cpu               TEXT NOT NULL,
  runtime           TEXT NOT NULL,
  start_ns          INTEGER NOT NULL,
  end_ns            INTEGER,
  end_reason        TEXT,
  last_seen_ns      INTEGER NOT NULL,
  properties        TEXT NOT NULL,
  PRIMARY KEY (tenant, process_id)
) WITHOUT ROWID;

CREATE TABLE streams (
  tenant         TEXT NOT NULL,
  stream_id      BLOB NOT NULL,
  process_id     BLOB NOT NULL,
  registration   INTEGER NOT NULL,
  record_version INTEGER NOT NULL,
  class          INTEGER NOT NULL,
  name           TEXT NOT NULL,
  thread_id      INTEGER,
  tags           TEXT NOT NULL,
  properties     TEXT NOT NULL,
  PRIMARY KEY (tenant, stream_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX streams_of_process ON streams (tenant, process_id, registration);

CREATE TABLE schemas (
  tenant TEXT NOT NULL,
  hash   BLOB NOT NULL,
  bytes  BLOB NOT NULL,
  PRIMARY KEY (tenant, hash)
);

-- dead: JSON array of the ids of blocks whose bytes lie in the object but count elsewhere; null for none.
CREATE TABLE objects (
  tenant     TEXT NOT NULL,
  object_key TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  dead       TEXT,
  PRIMARY KEY (tenant, object_key)
) WITHOUT ROWID;

-- bucket: days since the Unix epoch x 4 + class; what retention drops whole.
CREATE TABLE blocks (
  bucket        INTEGER NOT NULL,
  tenant        TEXT NOT NULL,
  block_id      BLOB NOT NULL,
  stream_id     BLOB NOT NULL,
  process_id    BLOB NOT NULL,
  class         INTEGER NOT NULL,
  sequence      INTEGER NOT NULL,
  first_ordinal INTEGER NOT NULL,
  next_ordinal  INTEGER NOT NULL,
  events        INTEGER NOT NULL,
  first_tick    INTEGER NOT NULL,
  last_tick     INTEGER NOT NULL,
  begin_ns      INTEGER NOT NULL,
  end_ns        INTEGER NOT NULL,
  bytes         INTEGER NOT NULL,
  header_bytes  INTEGER NOT NULL,
  raw_bytes     INTEGER NOT NULL,
  encoding      INTEGER NOT NULL,
  flags         INTEGER NOT NULL,
  schema_hash   BLOB NOT NULL,
  checksum      INTEGER NOT NULL,
  arrival       INTEGER NOT NULL,
  object_key    TEXT NOT NULL,
  object_offset INTEGER NOT NULL,
  stored_checksum INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, block_id)
) WITHOUT ROWID;
CREATE INDEX blocks_by_arrival ON blocks (tenant, process_id, arrival);
CREATE INDEX blocks_by_time ON blocks (tenant, process_id, begin_ns);

CREATE TABLE slots (
  tenant          TEXT NOT NULL,
  process_id      BLOB NOT NULL,
  slot            INTEGER NOT NULL,
  begin_ns        INTEGER NOT NULL,
  removed_version INTEGER NOT NULL,
  PRIMARY KEY (tenant, process_id, slot)
) WITHOUT ROWID;

CREATE TABLE partitions (
  tenant         TEXT NOT NULL,
  view           TEXT NOT NULL,
  process_id     BLOB NOT NULL,
  slot           INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  generation     INTEGER NOT NULL,
  row_count      INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  built_version  INTEGER NOT NULL,
  built_at_ns    INTEGER NOT NULL,
  path           TEXT NOT NULL,
  details        TEXT NOT NULL,
  PRIMARY KEY (tenant, view, process_id, slot)
) WITHOUT ROWID;

CREATE TABLE claims (
  tenant           TEXT NOT NULL,
  view             TEXT NOT NULL,
  process_id       BLOB NOT NULL,
  slot             INTEGER NOT NULL,
  claimed_by       TEXT NOT NULL,
  claimed_until_ns INTEGER NOT NULL,
  PRIMARY KEY (tenant, view, process_id, slot)
) WITHOUT ROWID;

CREATE TABLE leases (
  tenant   TEXT NOT NULL,
  holder   TEXT NOT NULL,
  path     TEXT NOT NULL,
  until_ns INTEGER NOT NULL,
  PRIMARY KEY (tenant, holder, path)
) WITHOUT ROWID;
CREATE INDEX leases_by_path ON leases (tenant, path);
