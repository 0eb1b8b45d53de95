import { Link } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { contentApi, type Team } from "../content/content-api.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading } from "../ui/loading.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const NAME_CHARACTERS_MAX = 100;

export function TeamsPage(): ReactNode {
  const [teams, setTeams] = useState<readonly Team[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(() => contentApi.teams().then(setTeams, setError), []);
  useEffect(() => void read(), [read]);

  const submit = useSubmit(async (values, form) => {
    await contentApi.createTeam(textOf(values, "name").trim());
    form.reset();
    await read();
  });

  return (
    <div className="medium">
      <PageTitle lead="The people of a team read each other's drafts that belong to it.">Teams</PageTitle>
      <section className="card" aria-labelledby="teams-title">
        <h2 id="teams-title">Yours</h2>
        {teams === null && error === null ? <Loading /> : null}
        {teams?.length === 0 ? <p>You are in no team.</p> : null}
        <ul className="rows">
          {teams?.map((team) => (
            <li key={team.id}>
              <Link to="/teams/$id" params={{ id: team.id }}>
                {team.name}
              </Link>
              {team.membership?.role === "lead" ? <span className="badge published">You lead it</span> : null}
            </li>
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
    </div>
  );
}
