-- Notes of people on a time of a process, on one of its threads or all, on spans of one name or all.
CREATE TABLE annotations (
  tenant        TEXT NOT NULL,
  annotation_id BLOB NOT NULL,
  process_id    BLOB NOT NULL,
  begin_ns      INTEGER NOT NULL,
  end_ns        INTEGER NOT NULL,
  stream_id     BLOB,
  name          TEXT,
  note          TEXT NOT NULL,
  created_ns    INTEGER NOT NULL,
  created_by    TEXT NOT NULL,
  PRIMARY KEY (tenant, annotation_id)
) WITHOUT ROWID;
CREATE INDEX annotations_by_process ON annotations (tenant, process_id);
