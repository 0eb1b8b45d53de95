-- fault
SET LOCAL password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'x';

-- sound
SET LOCAL password_encryption = 'scram-sha-256'; CREATE ROLE old LOGIN PASSWORD 'x';
