-- fault
CREATE EXTENSION citext SCHEMA holdfast VERSION '1.4';

-- sound
CREATE EXTENSION citext SCHEMA holdfast;
