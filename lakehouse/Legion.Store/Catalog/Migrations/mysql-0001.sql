-- For MySQL 8, MariaDB 10.11 and Aurora. Every statement may run again: a change of a table ends a transaction, so that this script has none.
-- Ids are 16 bytes in the order of RFC 9562. Unsigned 64-bit values are stored in the same bits, signed.
-- Texts that are part of a key are made here or checked before; none of them ends in a space, which these collations leave out of account.

CREATE TABLE IF NOT EXISTS tenants (
  tenant     VARCHAR(64) NOT NULL,
  created_ns BIGINT      NOT NULL,
  PRIMARY KEY (tenant)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS processes (
  tenant            VARCHAR(64) NOT NULL,
  process_id        BINARY(16)  NOT NULL,
  record_version    BIGINT      NOT NULL,
  version           BIGINT      NOT NULL,
  removed_version   BIGINT      NOT NULL,
  registered_ns     BIGINT      NOT NULL,
  parent_process_id BINARY(16),
  exe               LONGTEXT    NOT NULL,
  user              LONGTEXT    NOT NULL,
  computer          LONGTEXT    NOT NULL,
  os                LONGTEXT    NOT NULL,
  cpu               LONGTEXT    NOT NULL,
  runtime           LONGTEXT    NOT NULL,
  start_ns          BIGINT      NOT NULL,
  end_ns            BIGINT,
  end_reason        LONGTEXT,
  last_seen_ns      BIGINT      NOT NULL,
  properties        LONGTEXT    NOT NULL,
  PRIMARY KEY (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS streams (
  tenant         VARCHAR(64) NOT NULL,
  stream_id      BINARY(16)  NOT NULL,
  process_id     BINARY(16)  NOT NULL,
  registration   INT         NOT NULL,
  record_version BIGINT      NOT NULL,
  class          SMALLINT    NOT NULL,
  name           LONGTEXT    NOT NULL,
  thread_id      BIGINT,
  tags           LONGTEXT    NOT NULL,
  properties     LONGTEXT    NOT NULL,
  PRIMARY KEY (tenant, stream_id),
  UNIQUE KEY streams_of_process (tenant, process_id, registration)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `schemas` (
  tenant VARCHAR(64)   NOT NULL,
  hash   VARBINARY(64) NOT NULL,
  bytes  LONGBLOB      NOT NULL,
  PRIMARY KEY (tenant, hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- dead: JSON array of the ids of blocks whose bytes lie in the object but count elsewhere; null for none.
CREATE TABLE IF NOT EXISTS objects (
  tenant     VARCHAR(64)  NOT NULL,
  object_key VARCHAR(255) NOT NULL,
  bytes      BIGINT       NOT NULL,
  dead       LONGTEXT,
  PRIMARY KEY (tenant, object_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- bucket: days since the Unix epoch x 4 + class; what retention drops whole, and so a partition each. They are listed, not ranges:
-- days do not come in order (a spool may be weeks old), a range that was open when an older day came would hold rows of several buckets,
-- and so would a partition for everything else; neither could be dropped. A row whose bucket has no partition yet is refused,
-- and the partition is made then. The first one holds nothing: a table has at least one.
CREATE TABLE IF NOT EXISTS blocks (
  bucket          BIGINT       NOT NULL,
  tenant          VARCHAR(64)  NOT NULL,
  block_id        BINARY(16)   NOT NULL,
  stream_id       BINARY(16)   NOT NULL,
  process_id      BINARY(16)   NOT NULL,
  class           SMALLINT     NOT NULL,
  sequence        BIGINT       NOT NULL,
  first_ordinal   BIGINT       NOT NULL,
  next_ordinal    BIGINT       NOT NULL,
  events          BIGINT       NOT NULL,
  first_tick      BIGINT       NOT NULL,
  last_tick       BIGINT       NOT NULL,
  begin_ns        BIGINT       NOT NULL,
  end_ns          BIGINT       NOT NULL,
  bytes           INT          NOT NULL,
  header_bytes    INT          NOT NULL,
  raw_bytes       INT          NOT NULL,
  encoding        INT          NOT NULL,
  flags           BIGINT       NOT NULL,
  schema_hash     VARBINARY(64) NOT NULL,
  checksum        BIGINT       NOT NULL,
  arrival         BIGINT       NOT NULL,
  object_key      VARCHAR(255) NOT NULL,
  object_offset   BIGINT       NOT NULL,
  stored_checksum BIGINT       NOT NULL,
  PRIMARY KEY (bucket, tenant, block_id),
  KEY blocks_by_arrival (tenant, process_id, arrival),
  KEY blocks_by_time (tenant, process_id, begin_ns)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
PARTITION BY LIST (bucket) (PARTITION none VALUES IN (-1));

CREATE TABLE IF NOT EXISTS slots (
  tenant          VARCHAR(64) NOT NULL,
  process_id      BINARY(16)  NOT NULL,
  slot            INT         NOT NULL,
  begin_ns        BIGINT      NOT NULL,
  removed_version BIGINT      NOT NULL,
  PRIMARY KEY (tenant, process_id, slot)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS partitions (
  tenant         VARCHAR(64)  NOT NULL,
  view           VARCHAR(255) NOT NULL,
  process_id     BINARY(16)   NOT NULL,
  slot           INT          NOT NULL,
  schema_version INT          NOT NULL,
  generation     BIGINT       NOT NULL,
  row_count      BIGINT       NOT NULL,
  bytes          BIGINT       NOT NULL,
  built_version  BIGINT       NOT NULL,
  built_at_ns    BIGINT       NOT NULL,
  path           VARCHAR(512) NOT NULL,
  details        LONGTEXT     NOT NULL,
  PRIMARY KEY (tenant, view, process_id, slot),
  KEY partitions_of_process (tenant, process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS claims (
  tenant           VARCHAR(64)  NOT NULL,
  view             VARCHAR(255) NOT NULL,
  process_id       BINARY(16)   NOT NULL,
  slot             INT          NOT NULL,
  claimed_by       VARCHAR(512) NOT NULL,
  claimed_until_ns BIGINT       NOT NULL,
  PRIMARY KEY (tenant, view, process_id, slot)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS leases (
  tenant   VARCHAR(64)  NOT NULL,
  holder   VARCHAR(128) NOT NULL,
  path     VARCHAR(512) NOT NULL,
  until_ns BIGINT       NOT NULL,
  PRIMARY KEY (tenant, holder, path),
  KEY leases_by_path (tenant, path)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Signed remote commands on their way to processes. Nobody here can check them, so several of one process stand side by side
-- and the process takes what it finds to be signed; digest names payload and signature.
CREATE TABLE IF NOT EXISTS commands (
  tenant     VARCHAR(64)   NOT NULL,
  process_id BINARY(16)    NOT NULL,
  digest     VARBINARY(64) NOT NULL,
  number     BIGINT        NOT NULL,
  expires_ns BIGINT        NOT NULL,
  payload    LONGBLOB      NOT NULL,
  signature  LONGBLOB      NOT NULL,
  PRIMARY KEY (tenant, process_id, digest),
  KEY commands_by_expiry (expires_ns)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
