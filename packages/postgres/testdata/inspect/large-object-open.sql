-- fault
SELECT lo_from_bytea(424242, 'x'); GRANT SELECT ON LARGE OBJECT 424242 TO PUBLIC;

-- sound
SELECT lo_from_bytea(424242, 'x');
