-- The secret by which hashed properties are made where nobody names another.
CREATE TABLE IF NOT EXISTS redaction_keys (
  tenant   VARCHAR(64)  NOT NULL,
  hash_key VARCHAR(255) NOT NULL,
  PRIMARY KEY (tenant)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
