-- Queries that were asked; outcome as QueryOutcome numbers it.
CREATE TABLE IF NOT EXISTS query_audit (
  number          BIGINT      NOT NULL AUTO_INCREMENT,
  tenant          VARCHAR(64) NOT NULL,
  at_ns           BIGINT      NOT NULL,
  actor           LONGTEXT    NOT NULL,
  sql_text        LONGTEXT    NOT NULL,
  duration_ns     BIGINT      NOT NULL,
  row_count       BIGINT      NOT NULL,
  partition_bytes BIGINT      NOT NULL,
  built           INT         NOT NULL,
  outcome         SMALLINT    NOT NULL,
  detail          LONGTEXT    NOT NULL,
  peak_memory     BIGINT      NOT NULL,
  PRIMARY KEY (number),
  KEY query_audit_by_time (tenant, at_ns)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
