-- How large the database was, a row an hour for ninety days: what the forecast of its growth is made of.
CREATE TABLE platform.database_size (
  at timestamptz PRIMARY KEY,
  bytes bigint NOT NULL CHECK (bytes >= 0),
  -- Bytes of the largest tables, by name.
  tables jsonb NOT NULL CHECK (jsonb_typeof(tables) = 'object')
);
REVOKE ALL ON platform.database_size FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON platform.database_size TO holdfast_platform;
