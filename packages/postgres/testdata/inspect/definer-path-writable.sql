-- fault
CREATE SCHEMA open_house; GRANT CREATE ON SCHEMA open_house TO authenticated;
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = open_house, public AS $$SELECT 1$$;

-- sound
CREATE SCHEMA open_house; GRANT CREATE ON SCHEMA open_house TO authenticated;
CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$SELECT 1$$;
