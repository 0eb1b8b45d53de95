-- fault
CREATE EXTENSION postgres_fdw SCHEMA holdfast; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE public.theirs (id int) SERVER elsewhere;
GRANT SELECT ON public.theirs TO authenticated;

-- sound
CREATE EXTENSION postgres_fdw SCHEMA holdfast; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE public.theirs (id int) SERVER elsewhere;
