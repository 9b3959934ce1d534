-- Views whose rows of many processes lie in files of their own: of which class of streams, what sums them up, how often their files changed and by whom last,
-- and before which day (since the Unix epoch) they have nothing.
CREATE TABLE global_views (
  tenant       TEXT NOT NULL,
  view         TEXT NOT NULL,
  rollup_view  TEXT NOT NULL,
  class        INTEGER NOT NULL,
  generation   INTEGER NOT NULL,
  published_by BLOB NOT NULL,
  first_day    INTEGER NOT NULL,
  PRIMARY KEY (tenant, view)
) WITHOUT ROWID;

-- Of each process in such files: up to which version its blocks are in them, up to which version of a removal they have nothing that was removed,
-- and the days under which its blocks are filed.
CREATE TABLE global_processes (
  tenant          TEXT NOT NULL,
  view            TEXT NOT NULL,
  process_id      BLOB NOT NULL,
  version         INTEGER NOT NULL,
  removed_version INTEGER NOT NULL,
  first_day       INTEGER NOT NULL,
  last_day        INTEGER NOT NULL,
  PRIMARY KEY (tenant, view, process_id)
) WITHOUT ROWID;
