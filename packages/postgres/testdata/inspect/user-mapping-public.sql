-- fault
CREATE EXTENSION postgres_fdw SCHEMA holdfast; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'u');

-- sound
CREATE EXTENSION postgres_fdw SCHEMA holdfast; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR holdfast_owner SERVER elsewhere OPTIONS (user 'u');
