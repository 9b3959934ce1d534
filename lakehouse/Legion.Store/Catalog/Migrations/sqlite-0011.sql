-- What asks for sums of spans: of processes that meet one condition, spans that meet another; an empty one is met by all.
CREATE TABLE policies (
  tenant         TEXT NOT NULL,
  name           TEXT NOT NULL,
  process_filter TEXT NOT NULL,
  span_filter    TEXT NOT NULL,
  created_ns     INTEGER NOT NULL,
  created_by     TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

-- Of each process in files of many processes that have what policies ask for: under which conditions its rows were made; a process without a row has none.
CREATE TABLE policy_covers (
  tenant     TEXT NOT NULL,
  view       TEXT NOT NULL,
  process_id BLOB NOT NULL,
  made_under TEXT NOT NULL,
  PRIMARY KEY (tenant, view, process_id)
) WITHOUT ROWID;
