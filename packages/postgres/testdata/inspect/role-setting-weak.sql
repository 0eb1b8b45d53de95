-- fault
ALTER ROLE authenticated SET row_security = off;

-- sound
ALTER ROLE authenticated SET statement_timeout = '1s';
