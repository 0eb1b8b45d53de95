-- What sealed columns hold: bytes that begin as a sealed value does and are as long as one is at least (packages/vault,
-- envelope.ts), so that a plain text cannot be stored where a sealed one belongs. What is behind the header the application checks.
CREATE DOMAIN holdfast.sealed AS bytea
  CONSTRAINT sealed CHECK (pg_catalog.octet_length(VALUE) >= 102 AND pg_catalog.substr(VALUE, 1, 2) = '\x0101'::bytea);
COMMENT ON DOMAIN holdfast.sealed IS 'Written and read by the application only; see sealed columns.';

-- By which equal values of a sealed column are found.
CREATE DOMAIN holdfast.blind_index AS bytea
  CONSTRAINT blind_index CHECK (pg_catalog.octet_length(VALUE) = 8);

ALTER DOMAIN holdfast.sealed OWNER TO holdfast_owner;
ALTER DOMAIN holdfast.blind_index OWNER TO holdfast_owner;
