-- The append-only logs of the platform. Everything else the platform shows is computed from them.
-- Each row's body is the exact text that was hashed; every other readable column is generated from it, so that no column can
-- say something else than the body does.

-- Whoever owns a schema may drop it with everything inside: not the role that application migrations run as.
CREATE SCHEMA IF NOT EXISTS platform;
DO $$ BEGIN EXECUTE format('ALTER SCHEMA platform OWNER TO %I', current_user); END $$;
REVOKE ALL ON SCHEMA platform FROM PUBLIC;
REVOKE ALL ON SCHEMA platform FROM holdfast_owner;
GRANT USAGE ON SCHEMA platform TO holdfast_platform;

CREATE FUNCTION platform.refuse_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  RAISE EXCEPTION 'platform.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege', HINT = 'Record what changed as a new entry.';
END $$;

-- Security events, OCSF JSON.
CREATE TABLE platform.event (
  seq           bigint PRIMARY KEY CHECK (seq > 0),
  body          text NOT NULL CHECK (octet_length(body) <= 32768),
  previous_hash text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  hash          text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  name          text NOT NULL GENERATED ALWAYS AS (body::jsonb #>> '{metadata,event_code}') STORED,
  at            bigint NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'time')::bigint) STORED,
  correlation   text GENERATED ALWAYS AS (body::jsonb #>> '{metadata,correlation_uid}') STORED
);
CREATE INDEX event_at ON platform.event (at, seq);
CREATE INDEX event_name ON platform.event (name, seq);
CREATE INDEX event_correlation ON platform.event (correlation, seq) WHERE correlation IS NOT NULL;

-- What checks saw: observations.
CREATE TABLE platform.evidence (
  seq           bigint PRIMARY KEY CHECK (seq > 0),
  body          text NOT NULL CHECK (octet_length(body) <= 1048576),
  previous_hash text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  hash          text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  "check"       text NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'check') STORED,
  sabotage      boolean NOT NULL GENERATED ALWAYS AS (body::jsonb ? 'sabotage') STORED,
  finished_at   bigint NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'finishedAt')::bigint) STORED
);
CREATE INDEX evidence_newest ON platform.evidence ("check", sabotage, finished_at DESC, seq DESC);
CREATE INDEX evidence_check ON platform.evidence ("check", seq);

-- What happened to alerts and to incidents; both are folds over these.
CREATE TABLE platform.alert_log (
  seq           bigint PRIMARY KEY CHECK (seq > 0),
  body          text NOT NULL CHECK (octet_length(body) <= 32768),
  previous_hash text NOT NULL CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  hash          text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
CREATE TABLE platform.incident_log (LIKE platform.alert_log INCLUDING ALL);

DO $$
DECLARE log text;
BEGIN
  FOREACH log IN ARRAY ARRAY['event', 'evidence', 'alert_log', 'incident_log'] LOOP
    EXECUTE format('REVOKE ALL ON platform.%I FROM PUBLIC', log);
    EXECUTE format('GRANT SELECT, INSERT ON platform.%I TO holdfast_platform', log);
    EXECUTE format('CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON platform.%I
                    FOR EACH ROW EXECUTE FUNCTION platform.refuse_change()', log);
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON platform.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()', log);
    -- The triggers also fire for a session that plays a replica.
    EXECUTE format('ALTER TABLE platform.%I ENABLE ALWAYS TRIGGER refuse_row_change', log);
    EXECUTE format('ALTER TABLE platform.%I ENABLE ALWAYS TRIGGER refuse_truncate', log);
  END LOOP;
END $$;
