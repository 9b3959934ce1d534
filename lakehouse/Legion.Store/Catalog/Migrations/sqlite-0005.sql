-- The secret by which hashed properties are made where nobody names another.
CREATE TABLE redaction_keys (
  tenant   TEXT PRIMARY KEY,
  hash_key TEXT NOT NULL
) WITHOUT ROWID;
