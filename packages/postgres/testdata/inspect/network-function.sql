-- fault
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO authenticated;

-- sound
SELECT 1;
