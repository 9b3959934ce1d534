-- Reports that somebody published: their pages are objects, and only these scripts run in them. One without an object stands for what is gone.
CREATE TABLE IF NOT EXISTS reports (
  tenant       VARCHAR(64)  NOT NULL,
  report_id    VARCHAR(32)  NOT NULL,
  title        LONGTEXT     NOT NULL,
  created_ns   BIGINT       NOT NULL,
  created_by   LONGTEXT     NOT NULL,
  expires_ns   BIGINT,
  object_key   VARCHAR(255) NOT NULL,
  bytes        INT          NOT NULL,
  content_hash VARCHAR(64) NOT NULL,
  scripts      LONGTEXT     NOT NULL,
  PRIMARY KEY (tenant, report_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The processes that a report names: it goes with any of them.
CREATE TABLE IF NOT EXISTS report_processes (
  tenant     VARCHAR(64) NOT NULL,
  process_id BINARY(16)  NOT NULL,
  report_id  VARCHAR(32) NOT NULL,
  PRIMARY KEY (tenant, process_id, report_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
