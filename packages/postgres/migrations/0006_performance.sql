-- What performance is read from: pg_stat_statements counts statements by role, pgstattuple measures bloat. Both live where no role of an
-- application may look. On a server that has them not, or does not let us make them, they are left out: whoever looks says so, and finds
-- them wherever somebody else makes them later.
CREATE SCHEMA IF NOT EXISTS holdfast_performance;
REVOKE ALL ON SCHEMA holdfast_performance FROM PUBLIC;
GRANT USAGE ON SCHEMA holdfast_performance TO pg_monitor;
DO $$
DECLARE
  extension text;
BEGIN
  FOREACH extension IN ARRAY ARRAY['pg_stat_statements', 'pgstattuple']
  LOOP
    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions available WHERE available.name = extension);
    BEGIN
      EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA holdfast_performance', extension);
    EXCEPTION WHEN insufficient_privilege OR object_not_in_prerequisite_state OR feature_not_supported THEN
      RAISE NOTICE 'The extension % is left out: %', extension, SQLSTATE;
    END;
  END LOOP;
END
$$;

-- pg_stat_statements opens its views to PUBLIC; functions are closed to it here by default. Who looks may read, and not forget what was counted.
REVOKE ALL ON ALL TABLES IN SCHEMA holdfast_performance FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA holdfast_performance TO pg_monitor;
DO $$
DECLARE
  reader text;
BEGIN
  FOR reader IN
    SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'holdfast_performance'::pg_catalog.regnamespace
      AND p.proname IN ('pg_stat_statements', 'pg_stat_statements_info', 'pgstattuple_approx')
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor', reader);
  END LOOP;
END
$$;
