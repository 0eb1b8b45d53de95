import { type ReactNode, useCallback, useEffect, useState } from "react";
import { contentApi, type Team } from "../content/content-api.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const NAME_CHARACTERS_MAX = 100;

export function Teams(): ReactNode {
  const [teams, setTeams] = useState<readonly Team[]>([]);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(() => contentApi.teams().then(setTeams, setError), []);
  useEffect(() => void read(), [read]);

  const submit = useSubmit(async (values, form) => {
    await contentApi.createTeam(textOf(values, "name").trim());
    form.reset();
    await read();
  });

  return (
    <section className="card" aria-labelledby="teams-title">
      <h2 id="teams-title">Teams</h2>
      {teams.length === 0 ? <p>You are in no team.</p> : null}
      <ul className="rows">
        {teams.map((team) => (
          <li key={team.id}>{team.name}</li>
        ))}
      </ul>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error ?? error} />
        <TextField label="New team" name="name" maxLength={NAME_CHARACTERS_MAX} required />
        <button type="submit" disabled={submit.isBusy}>
          Create team
        </button>
      </form>
    </section>
  );
}
