-- fault
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id) ON DELETE CASCADE);
ALTER TABLE public.places ENABLE ROW LEVEL SECURITY; GRANT DELETE ON public.teams TO authenticated;

-- sound
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id));
ALTER TABLE public.places ENABLE ROW LEVEL SECURITY; GRANT DELETE ON public.teams TO authenticated;
