-- Who may use the service. hash is the SHA-256 of a key's secret, which is stored nowhere; role as KeyRole numbers them.
CREATE TABLE api_keys (
  key_id     TEXT PRIMARY KEY,
  tenant     TEXT NOT NULL,
  role       INTEGER NOT NULL,
  hash       BLOB NOT NULL,
  name       TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  expires_ns INTEGER,
  revoked_ns INTEGER
) WITHOUT ROWID;

-- Who changed what. number is in order of insertion; rows are never changed.
CREATE TABLE audit (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ns   INTEGER NOT NULL,
  tenant  TEXT NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL
);
