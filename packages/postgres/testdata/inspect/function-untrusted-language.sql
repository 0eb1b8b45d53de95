-- fault
CREATE FUNCTION public.plus(int, int) RETURNS int LANGUAGE internal AS 'int4pl'; GRANT EXECUTE ON FUNCTION public.plus(int, int) TO PUBLIC;

-- sound
CREATE FUNCTION public.plus(int, int) RETURNS int LANGUAGE internal AS 'int4pl';
REVOKE EXECUTE ON FUNCTION public.plus(int, int) FROM PUBLIC;
