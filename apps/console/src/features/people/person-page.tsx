import type { Person, PersonDetail } from "@holdfast/server/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { AskButton } from "../../ui/ask-button.tsx";
import { Device } from "../../ui/device.tsx";
import { Failure } from "../../ui/form-parts.tsx";
import { Moment } from "../../ui/moment.tsx";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { people } from "../platform/people-client.ts";
import { factorName } from "./factor-name.ts";
import { GiveRole } from "./give-role.tsx";
import { nameOf } from "./name-of.ts";
import { stateOf } from "./people-page.tsx";
import { RemoveFactor } from "./remove-factor.tsx";

const DAY_MS = 86_400_000;
/** As long as nobody needs to think about it again. */
const BAN_DAYS = 3650;

export function PersonPage() {
  const { id } = useParams({ from: "/shell/people/$id" });
  const query = useQuery({ queryKey: ["person", id], queryFn: ({ signal }) => people.one(id, signal) });
  return (
    <Answer query={query} what="the account">
      {(detail) => (
        <>
          <h1>{nameOf(detail.person)}</h1>
          <Facts person={detail.person} />
          <Roles person={detail.person} />
          <Passkeys person={detail.person} />
          <Factors person={detail.person} />
          <Sessions detail={detail} />
        </>
      )}
    </Answer>
  );
}

function useReload(id: string): () => void {
  const client = useQueryClient();
  return () => {
    for (const queryKey of [["person", id], ["people"], ["roles"], ["requests"], ["factors"], ["sessions"]])
      void client.invalidateQueries({ queryKey });
  };
}

function Facts({ person }: { readonly person: Person }) {
  const reload = useReload(person.id);
  const isBanned = stateOf(person) === "banned";
  return (
    <>
      <p className="under">
        {stateOf(person)} · made <Moment at={person.createdAt} /> · last sign-in <Moment at={person.lastSignInAt} />
      </p>
      {person.isPrivileged ? (
        <p>
          The account holds a role that needs approval. Its password, address and factors are the operator’s to change:{" "}
          <code>holdfast administrator</code>.
        </p>
      ) : null}
      <div className="actions-left">
        {isBanned ? (
          <AskButton
            action="Lift the ban"
            question="The person can sign in again."
            run={() => people.ban(person.id, null)}
            onDone={reload}
          />
        ) : (
          <AskButton
            action="Ban"
            question="Every session ends now, and the person cannot sign in until the ban is lifted."
            run={() => people.ban(person.id, Date.now() + BAN_DAYS * DAY_MS)}
            onDone={reload}
          />
        )}
        {person.isPrivileged ? null : (
          <NoteDialog
            action="Act as this person"
            title="Act as this person"
            hint="Why? For 15 minutes this browser sees what they see; it is recorded, and they see it among their sessions. Sign in again afterwards."
            send={(note) => people.actAs(person.id, note)}
            onSent={() => window.location.assign("/")}
          />
        )}
        <AskButton
          action="Delete the account"
          question="The account and everything identity knows of it are removed. This cannot be taken back."
          run={() => people.remove(person.id)}
          onDone={() => window.location.assign("/console/people")}
        />
      </div>
    </>
  );
}

function Roles({ person }: { readonly person: Person }) {
  const reload = useReload(person.id);
  return (
    <section aria-label="Roles">
      <h2>Roles</h2>
      {person.roles.length === 0 ? <p>None.</p> : null}
      <ul className="cards">
        {person.roles.map((held) => (
          <li key={held.role} className="card">
            <h3>{held.role}</h3>
            <p className="under">
              {held.grantedAt === null ? "from the beginning" : <Moment at={held.grantedAt} />}
              {held.reason === null || held.reason === "" ? "" : ` · “${held.reason}”`}
              {held.until === null ? "" : ` · until ${new Date(held.until).toLocaleString()}`}
            </p>
            <NoteDialog
              action={`Take ${held.role} away`}
              title={`Take ${held.role} away`}
              hint="Why? It counts at once: every session of the account ends."
              send={(note) => people.withdrawRole(person.id, held.role, note)}
              onSent={reload}
            />
          </li>
        ))}
      </ul>
      <GiveRole person={person} onGiven={reload} />
    </section>
  );
}

function Passkeys({ person: { passkeys } }: { readonly person: Person }) {
  return (
    <section aria-label="Passkeys">
      <h2>Passkeys</h2>
      {passkeys.length === 0 ? <p>None.</p> : null}
      <ul className="cards">
        {passkeys.map((passkey) => (
          <li key={passkey.id} className="card">
            <h3>{passkey.name === "" ? "Passkey" : passkey.name}</h3>
            <p className="under">
              added <Moment at={passkey.createdAt} /> · last used <Moment at={passkey.lastUsedAt} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Factors({ person }: { readonly person: Person }) {
  const reload = useReload(person.id);
  return (
    <section aria-label="Second factors">
      <h2>Second factors</h2>
      {person.factors.length > 0 ? null : (
        <p>{person.protection === "passkey" ? "None. A passkey counts as two factors by itself." : "None."}</p>
      )}
      <ul className="cards">
        {person.factors.map((factor) => (
          <li key={factor.id} className="card">
            <h3>{factorName(factor)}</h3>
            <p className="under">
              {factor.status === "verified" ? "" : "not finished · "}since <Moment at={factor.createdAt} /> · last used{" "}
              <Moment at={factor.lastUsedAt} />
            </p>
            {person.isPrivileged ? null : (
              <RemoveFactor personId={person.id} factor={factor} about={factorName(factor)} onRemoved={reload} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sessions({ detail: { person, sessions } }: { readonly detail: PersonDetail }) {
  const reload = useReload(person.id);
  const end = useMutation({
    mutationFn: (session: string | undefined) => people.endSessions(person.id, session),
    onSettled: reload,
  });
  return (
    <section aria-label="Sessions">
      <h2>Sessions</h2>
      <Failure error={end.error} />
      {sessions.length === 0 ? <p>None.</p> : null}
      <ul className="cards">
        {sessions.map((session) => (
          <li key={session.id} className="card">
            <h3>{session.device}</h3>
            <p className="under">
              {session.address === "" ? "unknown address" : session.address} ·{" "}
              {session.assurance === "aal2" ? "with a second factor" : "password only"} · since{" "}
              <Moment at={session.createdAt} /> · last used <Moment at={session.refreshedAt} />
              {session.actor === null ? "" : ` · an administrator acts here: “${session.actor.reason}”`}
            </p>
            <Device name="What the device calls itself" userAgent={session.userAgent} />
            <Button
              className="plain"
              aria-label={`End the session of ${session.device}`}
              onPress={() => end.mutate(session.id)}
              isDisabled={end.isPending}
            >
              End this session
            </Button>
          </li>
        ))}
      </ul>
      {sessions.length > 1 ? (
        <Button className="plain" onPress={() => end.mutate(undefined)} isDisabled={end.isPending}>
          End all sessions
        </Button>
      ) : null}
    </section>
  );
}
