-- Where somebody is reached about a text. Whom the whole address is shown is the policy's: everybody else reads it masked.
alter table public.content add column contact text check (char_length(contact) between 3 and 254);
