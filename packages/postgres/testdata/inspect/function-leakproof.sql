-- fault
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql LEAKPROOF SET search_path = '' AS $$SELECT 1$$;

-- sound
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SET search_path = '' AS $$SELECT 1$$;
