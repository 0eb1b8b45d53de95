-- fault
CREATE ROLE front LOGIN; CREATE ROLE staff; CREATE ROLE back BYPASSRLS; GRANT back TO staff; GRANT staff TO front;

-- sound
CREATE ROLE front LOGIN; CREATE ROLE staff; GRANT staff TO front;
