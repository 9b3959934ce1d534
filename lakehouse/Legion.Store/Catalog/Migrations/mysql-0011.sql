-- Short addresses of the viewer's pages. One without an address stands for what is gone.
CREATE TABLE IF NOT EXISTS links (
  tenant     VARCHAR(64) NOT NULL,
  link_id    VARCHAR(32) NOT NULL,
  process_id BINARY(16),
  address    LONGTEXT    NOT NULL,
  version    BIGINT,
  created_ns BIGINT      NOT NULL,
  created_by LONGTEXT    NOT NULL,
  expires_ns BIGINT,
  PRIMARY KEY (tenant, link_id),
  KEY links_by_process (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
