import type { RoleRequestView, RoleView } from "@holdfast/server/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../ui/answer.tsx";
import { AskButton } from "../../ui/ask-button.tsx";
import { Moment } from "../../ui/moment.tsx";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { useNow } from "../../ui/use-now.ts";
import { people } from "../platform/people-client.ts";

export function RolesPage() {
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => people.roles(signal) });
  const requests = useQuery({ queryKey: ["requests"], queryFn: ({ signal }) => people.requests(signal) });
  return (
    <>
      <h1>Roles</h1>
      <Answer query={requests} what="the requests">
        {({ requests: all }) => <Requests requests={all} />}
      </Answer>
      <h2>Roles of the policy</h2>
      <Answer query={roles} what="the roles">
        {({ roles: all }) => <RoleTable roles={all} />}
      </Answer>
    </>
  );
}

function Requests({ requests }: { readonly requests: readonly RoleRequestView[] }) {
  const now = useNow();
  const open = requests.filter(({ decision, expiresAt }) => decision === null && expiresAt > now);
  const closed = requests.filter((one) => !open.includes(one));
  return (
    <>
      <h2>Waiting for approval</h2>
      {open.length === 0 ? <p>Nothing waits.</p> : null}
      <ul className="cards">
        {open.map((request) => (
          <OpenRequest key={request.id} request={request} />
        ))}
      </ul>
      {closed.length === 0 ? null : (
        <details>
          <summary>Decided before ({closed.length})</summary>
          <ul>
            {closed.map(({ id, role, email, requestedByEmail, decision, decidedAt, note }) => (
              <li key={id}>
                {role} for {email || "an account that is gone"}, asked by {requestedByEmail || "somebody who is gone"}:{" "}
                {decision ?? "expired"} <Moment at={decidedAt} />
                {note === "" ? "" : `, “${note}”`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function OpenRequest({ request }: { readonly request: RoleRequestView }) {
  const client = useQueryClient();
  const reload = () => {
    for (const key of ["requests", "roles", "people", "person"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const { id, role, userId, email, requestedByEmail, reason, until, createdAt, expiresAt, mayDecide } = request;
  return (
    <li className="card card-open">
      <h3>
        {role} for{" "}
        <Link to="/people/$id" params={{ id: userId }}>
          {email}
        </Link>
      </h3>
      <p>“{reason}”</p>
      <p className="under">
        asked by {requestedByEmail} <Moment at={createdAt} /> · void after {new Date(expiresAt).toLocaleString()}
        {until === null ? "" : ` · the role ends ${new Date(until).toLocaleString()}`}
      </p>
      {mayDecide ? (
        <div className="actions-left">
          <AskButton
            action="Approve"
            question={`${email} will be ${role} from their next sign-in on. You take responsibility for it by name.`}
            run={() => people.decide(id, "approved", "")}
            onDone={reload}
          />
          <NoteDialog
            action="Refuse"
            title="Refuse the role"
            hint="Why not? The note is recorded with your name."
            send={(note) => people.decide(id, "refused", note)}
            onSent={reload}
          />
        </div>
      ) : (
        <div className="actions-left">
          <span>Another administrator decides.</span>
          <AskButton
            action="Withdraw"
            question="The request is closed without a decision. Only whoever asked may do this."
            run={() => people.decide(id, "withdrawn", "")}
            onDone={reload}
          />
        </div>
      )}
    </li>
  );
}

function RoleTable({ roles }: { readonly roles: readonly RoleView[] }) {
  return (
    <ScrollArea label="Roles of the policy">
      <table>
        <thead>
          <tr>
            <th scope="col">Role</th>
            <th scope="col">Has the rights of</th>
            <th scope="col">Counts</th>
            <th scope="col">Given by</th>
            <th scope="col">Accounts</th>
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role.name}>
              <th scope="row">
                {role.name}
                {role.isAdministrator ? " (uses this console)" : ""}
              </th>
              <td>{role.includes.join(", ") || "–"}</td>
              <td>{role.requires === "aal2" ? "after a second factor" : "always"}</td>
              <td>{role.approval ? "two administrators" : "one administrator"}</td>
              <td>{role.people}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
