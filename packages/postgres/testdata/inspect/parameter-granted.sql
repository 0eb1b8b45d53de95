-- fault
GRANT SET ON PARAMETER session_replication_role TO authenticated;

-- sound
GRANT SET ON PARAMETER session_replication_role TO holdfast_keeper;
