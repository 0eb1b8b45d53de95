-- fault
CREATE FUNCTION public.f(text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$BEGIN EXECUTE 'SELECT ' || $1; RETURN 1; END$$;

-- sound
CREATE FUNCTION public.f(text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$BEGIN EXECUTE pg_catalog.format('SELECT count(*) FROM %I', $1); RETURN 1; END$$;
