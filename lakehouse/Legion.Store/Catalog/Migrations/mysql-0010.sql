-- What asks for sums of spans: of processes that meet one condition, spans that meet another; an empty one is met by all.
CREATE TABLE IF NOT EXISTS policies (
  tenant         VARCHAR(64)  NOT NULL,
  name           VARCHAR(128) NOT NULL,
  process_filter LONGTEXT     NOT NULL,
  span_filter    LONGTEXT     NOT NULL,
  created_ns     BIGINT       NOT NULL,
  created_by     LONGTEXT     NOT NULL,
  PRIMARY KEY (tenant, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Of each process in files of many processes that have what policies ask for: under which conditions its rows were made; a process without a row has none.
CREATE TABLE IF NOT EXISTS policy_covers (
  tenant     VARCHAR(64)  NOT NULL,
  view       VARCHAR(255) NOT NULL,
  process_id BINARY(16)   NOT NULL,
  made_under VARCHAR(64)  NOT NULL,
  PRIMARY KEY (tenant, view, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
