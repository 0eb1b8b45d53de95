-- fault
CREATE TABLE public.kept (id int PRIMARY KEY, f regproc);

-- sound
CREATE TABLE public.kept (id int PRIMARY KEY, f regclass);
