import { useAuth, usePermission } from "@holdfast/react";
import { useLoaderData, useNavigate, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { peopleApi, type TeamMembership, type TeamWithPeople } from "../people/people-api.ts";
import { PersonField } from "../people/person-field.tsx";
import { PersonName } from "../people/person-name.tsx";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { SelectField } from "../ui/field.tsx";
import { Moment } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const sentences = { "http-409": "This person is in the team already." };

export function TeamPage(): ReactNode {
  const { team, memberships } = useLoaderData({ from: "/teams/$id" });
  return (
    <div className="medium">
      <PageTitle>{team.name}</PageTitle>
      <People team={team} memberships={memberships} />
      <TakeIn team={team} memberships={memberships} />
      <RemoveTeam team={team} memberships={memberships} />
    </div>
  );
}

/** What the policy of the tables reads in order to decide: it decides here as it does in the database. */
const knownOf = ({ team, memberships }: TeamWithPeople) => ({
  teams: [{ id: team.id, owner_id: team.owner_id, name: team.name }],
  memberships: memberships.map((one) => ({ ...one })),
});

function People({ team, memberships }: TeamWithPeople): ReactNode {
  return (
    <section className="card" aria-labelledby="people-title">
      <h2 id="people-title">People</h2>
      <ul className="rows">
        {memberships.map((membership) => (
          <li key={membership.id}>
            <span>
              <PersonName id={membership.user_id} />
              <br />
              <span className="hint">
                {membership.role === "lead" ? "Leads the team" : "Member"}
                {membership.until === null ? null : (
                  <>
                    {" "}
                    until <Moment at={membership.until} />
                  </>
                )}
              </span>
            </span>
            <LetGo membership={membership} known={{ team, memberships }} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function LetGo({
  membership,
  known,
}: {
  readonly membership: TeamMembership;
  readonly known: TeamWithPeople;
}): ReactNode {
  const { user } = useAuth();
  const router = useRouter();
  const navigate = useNavigate();
  const isOwn = membership.user_id === user?.id;
  const mayRemove = usePermission(
    { kind: "table", table: "memberships", operation: "delete" },
    { row: { ...membership }, tables: knownOf(known) },
  );
  if (!mayRemove) return null;
  const leave = async () => {
    await peopleApi.letGo(membership);
    if (isOwn) await navigate({ to: "/teams" });
    else await router.invalidate();
  };
  return (
    <ConfirmButton
      label={isOwn ? "Leave" : "Remove"}
      question={isOwn ? "Leave the team?" : "Remove this person?"}
      consequence="Drafts of the team are no longer shown to them. Their own content stays theirs."
      confirm={isOwn ? "Leave it" : "Remove them"}
      onConfirm={leave}
    />
  );
}

function TakeIn(known: TeamWithPeople): ReactNode {
  const router = useRouter();
  const { team } = known;
  const newRow = { id: "", team_id: team.id, user_id: "", role: "member", until: null };
  const mayTakeIn = usePermission(
    { kind: "table", table: "memberships", operation: "insert" },
    { newRow, tables: knownOf(known) },
  );
  const [isDone, setDone] = useState(false);
  const submit = useSubmit(async (values, form) => {
    setDone(false);
    const role = textOf(values, "role") === "lead" ? "lead" : "member";
    await peopleApi.takeIn(team.id, textOf(values, "person").trim(), role);
    form.reset();
    setDone(true);
    await router.invalidate();
  });
  if (!mayTakeIn) return null;
  return (
    <section className="card" aria-labelledby="take-in-title">
      <h2 id="take-in-title">Take somebody in</h2>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} sentences={sentences} />
        <output className={isDone ? "success" : "live"}>{isDone ? "They are in the team now." : ""}</output>
        <div className="columns">
          <PersonField />
          <SelectField label="As" name="role" hint="Who leads takes others in." defaultValue="member">
            <option value="member">Member</option>
            <option value="lead">Lead</option>
          </SelectField>
        </div>
        <button type="submit" disabled={submit.isBusy}>
          Take in
        </button>
      </form>
    </section>
  );
}

function RemoveTeam({ team }: TeamWithPeople): ReactNode {
  const navigate = useNavigate();
  const row = { id: team.id, owner_id: team.owner_id, name: team.name };
  const mayRemove = usePermission({ kind: "table", table: "teams", operation: "delete" }, { row });
  const remove = async () => {
    await peopleApi.removeTeam(team.id);
    await navigate({ to: "/teams", replace: true });
  };
  if (!mayRemove) return null;
  return (
    <ConfirmButton
      label="Remove the team"
      question="Remove this team?"
      consequence="Its people no longer see each other's drafts. The content itself stays with its owners."
      confirm="Remove it"
      onConfirm={remove}
    />
  );
}
