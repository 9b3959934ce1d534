-- Who may use the service. hash is the SHA-256 of a key's secret, which is stored nowhere; role as KeyRole numbers them.
CREATE TABLE IF NOT EXISTS api_keys (
  key_id     VARCHAR(64) NOT NULL,
  tenant     VARCHAR(64) NOT NULL,
  role       SMALLINT    NOT NULL,
  hash       BINARY(32)  NOT NULL,
  name       LONGTEXT    NOT NULL,
  created_ns BIGINT      NOT NULL,
  expires_ns BIGINT,
  revoked_ns BIGINT,
  PRIMARY KEY (key_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who changed what. number is in order of insertion; rows are never changed.
CREATE TABLE IF NOT EXISTS audit (
  number  BIGINT       NOT NULL AUTO_INCREMENT,
  at_ns   BIGINT       NOT NULL,
  tenant  VARCHAR(64)  NOT NULL,
  actor   LONGTEXT     NOT NULL,
  action  VARCHAR(64)  NOT NULL,
  subject LONGTEXT     NOT NULL,
  detail  LONGTEXT     NOT NULL,
  PRIMARY KEY (number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
