-- The tables of policy.ts, as an application's own migration would make them; `secret` and `forgotten` the policy does not name.
CREATE TABLE teams (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, owner_id uuid NOT NULL);
CREATE TABLE content (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL,
  team_id uuid REFERENCES teams (id),
  title text NOT NULL,
  body text NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  secret text
);
CREATE TABLE memberships (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team_id uuid NOT NULL REFERENCES teams (id),
  user_id uuid NOT NULL,
  role text NOT NULL,
  until timestamptz
);
CREATE TABLE shares (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  content_id uuid NOT NULL REFERENCES content (id),
  user_id uuid NOT NULL,
  until timestamptz
);
CREATE TABLE announcements (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  text text NOT NULL,
  "from" timestamptz NOT NULL,
  hidden boolean NOT NULL
);
CREATE TABLE plans (id integer PRIMARY KEY, price numeric NOT NULL);
CREATE TABLE forgotten (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
