-- fault
SET LOCAL password_encryption = 'md5'; SET LOCAL row_security = off;

-- sound
SELECT 1;
