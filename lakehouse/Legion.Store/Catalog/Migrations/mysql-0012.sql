-- Processes that somebody looks at as they run. The answers to what these send say so, that they send at shorter intervals.
CREATE TABLE IF NOT EXISTS watches (
  tenant     VARCHAR(64) NOT NULL,
  process_id BINARY(16)  NOT NULL,
  until_ns   BIGINT      NOT NULL,
  PRIMARY KEY (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
