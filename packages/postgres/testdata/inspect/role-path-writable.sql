-- fault
CREATE SCHEMA open_house; GRANT CREATE ON SCHEMA open_house TO PUBLIC; ALTER ROLE authenticated SET search_path = open_house, public;

-- sound
CREATE SCHEMA open_house; ALTER ROLE authenticated SET search_path = open_house, public;
