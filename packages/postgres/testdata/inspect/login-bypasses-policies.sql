-- fault
CREATE ROLE reports LOGIN BYPASSRLS;

-- sound
CREATE ROLE reports LOGIN;
