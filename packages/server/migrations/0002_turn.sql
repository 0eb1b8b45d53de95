-- Whose turn it is to append to a log: whoever holds the log's row. An advisory lock would do the same, but anybody who can run a
-- statement in the database may take those, a statement injected into the application included, and so stop the record of it.
CREATE TABLE platform.turn (
  log text PRIMARY KEY
);
INSERT INTO platform.turn (log) VALUES ('event'), ('evidence'), ('alert_log'), ('incident_log');
REVOKE ALL ON platform.turn FROM PUBLIC;
-- UPDATE is what it takes to lock a row; writing into it is refused.
GRANT SELECT, UPDATE ON platform.turn TO holdfast_platform;
CREATE TRIGGER refuse_row_change BEFORE UPDATE ON platform.turn FOR EACH ROW EXECUTE FUNCTION platform.refuse_change();
