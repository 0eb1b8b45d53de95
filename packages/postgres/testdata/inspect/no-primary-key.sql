-- fault
CREATE TABLE public.loose (name text);

-- sound
CREATE TABLE public.loose (name text PRIMARY KEY);
