-- fault
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id) ON DELETE CASCADE);

-- sound
CREATE TABLE public.teams (id int PRIMARY KEY); CREATE TABLE public.places (id int PRIMARY KEY, team_id int REFERENCES public.teams (id) ON DELETE CASCADE);
CREATE INDEX ON public.places (team_id, id);
