-- What a deletion takes along on purpose. `holdfast plan` warns of a cascade that nobody has said this of.
comment on constraint memberships_team_id_fkey on public.memberships
  is 'cascade is meant: a team that is gone has no members';
comment on constraint content_team_id_fkey on public.content
  is 'cascade is meant: content outlives its team and belongs to its owner alone from then on';
comment on constraint shares_content_id_fkey on public.shares
  is 'cascade is meant: content that is gone is shared with nobody';
comment on constraint notes_content_id_fkey on public.notes
  is 'cascade is meant: a note is about its content and goes with it';
