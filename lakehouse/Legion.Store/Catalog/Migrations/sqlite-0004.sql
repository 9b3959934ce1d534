-- Requests in another protocol, stored as they came, until they are blocks. claim names the call that claimed the row last;
-- failed_by is the version of the reader that could not read it, and claimed_until_ns is then the last moment there is.
CREATE TABLE arrivals (
  tenant           TEXT NOT NULL,
  arrival_id       BLOB NOT NULL,
  signal_kind      INTEGER NOT NULL,
  media_type       TEXT NOT NULL,
  is_gzip          INTEGER NOT NULL,
  object_key       TEXT NOT NULL,
  bytes            INTEGER NOT NULL,
  received_ns      INTEGER NOT NULL,
  claim            BLOB,
  claimed_until_ns INTEGER NOT NULL,
  attempts         INTEGER NOT NULL,
  failed_by        INTEGER,
  failure          TEXT,
  PRIMARY KEY (tenant, arrival_id)
) WITHOUT ROWID;
CREATE INDEX arrivals_by_claim ON arrivals (claimed_until_ns, received_ns);

-- The process and the streams that stand for a resource of OpenTelemetry. digest is the SHA-256 of its sorted attributes.
CREATE TABLE resources (
  tenant           TEXT NOT NULL,
  digest           BLOB NOT NULL,
  process_id       BLOB NOT NULL,
  trace_stream_id  BLOB NOT NULL,
  metric_stream_id BLOB NOT NULL,
  log_stream_id    BLOB NOT NULL,
  start_ns         INTEGER NOT NULL,
  PRIMARY KEY (tenant, digest)
) WITHOUT ROWID;
CREATE INDEX resources_by_process ON resources (tenant, process_id);
