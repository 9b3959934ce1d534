-- Queries that people saved; names in lower case.
CREATE TABLE IF NOT EXISTS saved_queries (
  tenant     VARCHAR(64)  NOT NULL,
  name       VARCHAR(128) NOT NULL,
  sql_text   LONGTEXT     NOT NULL,
  updated_ns BIGINT       NOT NULL,
  updated_by LONGTEXT     NOT NULL,
  PRIMARY KEY (tenant, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
