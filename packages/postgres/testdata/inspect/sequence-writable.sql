-- fault
CREATE SEQUENCE public.numbers; GRANT USAGE, UPDATE ON SEQUENCE public.numbers TO authenticated;

-- sound
CREATE SEQUENCE public.numbers; GRANT USAGE ON SEQUENCE public.numbers TO authenticated;
