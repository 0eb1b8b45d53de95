-- fault
CREATE TABLE public.accounts (id int PRIMARY KEY, name text, api_key text); INSERT INTO public.accounts VALUES (1, 'a', 'k'); GRANT SELECT ON public.accounts TO authenticated;

-- sound
CREATE TABLE public.accounts (id int PRIMARY KEY, name text, api_key text, keyboard text); GRANT SELECT (id, name, keyboard) ON public.accounts TO authenticated;
