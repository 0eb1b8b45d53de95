-- fault
CREATE TABLE public.parent (id int, owner_id uuid) PARTITION BY RANGE (id); CREATE TABLE public.child PARTITION OF public.parent FOR VALUES FROM (0) TO (10); INSERT INTO public.parent VALUES (1, gen_random_uuid()); ALTER TABLE public.parent ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.parent TO authenticated;
GRANT SELECT ON public.child TO authenticated;

-- sound
CREATE TABLE public.parent (id int, owner_id uuid) PARTITION BY RANGE (id); CREATE TABLE public.child PARTITION OF public.parent FOR VALUES FROM (0) TO (10); INSERT INTO public.parent VALUES (1, gen_random_uuid()); ALTER TABLE public.parent ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.parent TO authenticated;
