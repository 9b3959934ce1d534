-- What is erased, and was. kind as ErasureKind numbers them; digest is the keyed hash of the subject, by which what comes late is known.
-- value stands here until all that has it is rewritten; counts and the receipt come with the end.
CREATE TABLE IF NOT EXISTS erasures (
  tenant       VARCHAR(64) NOT NULL,
  erasure_id   BINARY(16)  NOT NULL,
  kind         SMALLINT    NOT NULL,
  property     LONGTEXT    NOT NULL,
  value        LONGTEXT,
  digest       BINARY(32)  NOT NULL,
  requested_ns BIGINT      NOT NULL,
  position     BINARY(16),
  rewritten_ns BIGINT,
  finished_ns  BIGINT,
  processes    BIGINT      NOT NULL,
  blocks       BIGINT      NOT NULL,
  events       BIGINT      NOT NULL,
  receipt      LONGTEXT,
  PRIMARY KEY (tenant, erasure_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS erasure_keys (
  tenant      VARCHAR(64)    NOT NULL,
  hash_key    VARBINARY(64)  NOT NULL,
  signing_key VARBINARY(512) NOT NULL,
  PRIMARY KEY (tenant)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Keyed hashes of erased processes and rewritten blocks; kind as TombstoneKind numbers them.
CREATE TABLE IF NOT EXISTS tombstones (
  tenant VARCHAR(64) NOT NULL,
  digest BINARY(32)  NOT NULL,
  kind   SMALLINT    NOT NULL,
  PRIMARY KEY (tenant, digest, kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Objects that no row names any more and that are to be deleted.
CREATE TABLE IF NOT EXISTS doomed (
  tenant     VARCHAR(64)  NOT NULL,
  object_key VARCHAR(512) NOT NULL,
  PRIMARY KEY (tenant, object_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Blocks that nobody sees until they have been searched for what was erased.
CREATE TABLE IF NOT EXISTS quarantine (
  tenant     VARCHAR(64) NOT NULL,
  block_id   BINARY(16)  NOT NULL,
  process_id BINARY(16)  NOT NULL,
  PRIMARY KEY (tenant, block_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- For how many days blocks of a class are kept; no row is for good.
CREATE TABLE IF NOT EXISTS retention (
  tenant VARCHAR(64) NOT NULL,
  class  SMALLINT    NOT NULL,
  days   INT         NOT NULL,
  PRIMARY KEY (tenant, class)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
