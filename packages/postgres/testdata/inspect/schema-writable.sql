-- fault
CREATE SCHEMA open_house; GRANT USAGE, CREATE ON SCHEMA open_house TO authenticated;

-- sound
CREATE SCHEMA open_house; GRANT USAGE ON SCHEMA open_house TO authenticated;
