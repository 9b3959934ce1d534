-- Requests in another protocol, stored as they came, until they are blocks. claim names the call that claimed the row last;
-- failed_by is the version of the reader that could not read it, and claimed_until_ns is then the last moment there is.
CREATE TABLE IF NOT EXISTS arrivals (
  tenant           VARCHAR(64)  NOT NULL,
  arrival_id       BINARY(16)   NOT NULL,
  signal_kind      SMALLINT     NOT NULL,
  media_type       VARCHAR(64)  NOT NULL,
  is_gzip          SMALLINT     NOT NULL,
  object_key       VARCHAR(255) NOT NULL,
  bytes            INT          NOT NULL,
  received_ns      BIGINT       NOT NULL,
  claim            BINARY(16),
  claimed_until_ns BIGINT       NOT NULL,
  attempts         INT          NOT NULL,
  failed_by        INT,
  failure          LONGTEXT,
  PRIMARY KEY (tenant, arrival_id),
  KEY arrivals_by_claim (claimed_until_ns, received_ns)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The process and the streams that stand for a resource of OpenTelemetry. digest is the SHA-256 of its sorted attributes.
CREATE TABLE IF NOT EXISTS resources (
  tenant           VARCHAR(64) NOT NULL,
  digest           BINARY(32)  NOT NULL,
  process_id       BINARY(16)  NOT NULL,
  trace_stream_id  BINARY(16)  NOT NULL,
  metric_stream_id BINARY(16)  NOT NULL,
  log_stream_id    BINARY(16)  NOT NULL,
  start_ns         BIGINT      NOT NULL,
  PRIMARY KEY (tenant, digest),
  KEY resources_by_process (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
