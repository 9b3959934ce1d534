-- Views whose rows of many processes lie in files of their own: of which class of streams, what sums them up, how often their files changed and by whom last,
-- and before which day (since the Unix epoch) they have nothing.
CREATE TABLE IF NOT EXISTS global_views (
  tenant       VARCHAR(64)  NOT NULL,
  view         VARCHAR(255) NOT NULL,
  rollup_view  VARCHAR(255) NOT NULL,
  class        SMALLINT     NOT NULL,
  generation   BIGINT       NOT NULL,
  published_by BINARY(16)   NOT NULL,
  first_day    INT          NOT NULL,
  PRIMARY KEY (tenant, view)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Of each process in such files: up to which version its blocks are in them, up to which version of a removal they have nothing that was removed,
-- and the days under which its blocks are filed.
CREATE TABLE IF NOT EXISTS global_processes (
  tenant          VARCHAR(64)  NOT NULL,
  view            VARCHAR(255) NOT NULL,
  process_id      BINARY(16)   NOT NULL,
  version         BIGINT       NOT NULL,
  removed_version BIGINT       NOT NULL,
  first_day       INT          NOT NULL,
  last_day        INT          NOT NULL,
  PRIMARY KEY (tenant, view, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
