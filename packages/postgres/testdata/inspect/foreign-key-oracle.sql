-- fault
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id) ON DELETE CASCADE);
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY; GRANT INSERT ON public.places TO authenticated;

-- sound
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id) ON DELETE CASCADE);
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.places TO authenticated;
