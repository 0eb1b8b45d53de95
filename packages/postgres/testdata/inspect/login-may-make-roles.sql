-- fault
CREATE ROLE clerk LOGIN CREATEROLE;

-- sound
CREATE ROLE clerk LOGIN;
