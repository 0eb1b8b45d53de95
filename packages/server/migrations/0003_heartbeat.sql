-- A row a minute, each with a hash over the one before: what a restored copy must hold up to the moment it was restored to.
CREATE TABLE platform.heartbeat (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  hash text NOT NULL
);
REVOKE ALL ON platform.heartbeat FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON platform.heartbeat TO holdfast_platform;
