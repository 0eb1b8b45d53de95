-- fault
GRANT pg_read_all_data TO authenticated; ALTER ROLE anon CREATEDB;

-- sound
GRANT pg_read_all_settings TO authenticated;
