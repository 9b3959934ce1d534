-- Notes of people on a time of a process, on one of its threads or all, on spans of one name or all.
CREATE TABLE IF NOT EXISTS annotations (
  tenant        VARCHAR(64) NOT NULL,
  annotation_id BINARY(16)  NOT NULL,
  process_id    BINARY(16)  NOT NULL,
  begin_ns      BIGINT      NOT NULL,
  end_ns        BIGINT      NOT NULL,
  stream_id     BINARY(16),
  name          LONGTEXT,
  note          LONGTEXT    NOT NULL,
  created_ns    BIGINT      NOT NULL,
  created_by    LONGTEXT    NOT NULL,
  PRIMARY KEY (tenant, annotation_id),
  KEY annotations_by_process (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
