// The review of who can do what: what the policy lets each set of roles do, by which of its lines, and who should be looked at.
import type { AccessClass, AccessReport, FlaggedPerson } from "@holdfast/server/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "../../ui/answer.tsx";
import { Entry, SubmitButton, SubmitForm } from "../../ui/form-parts.tsx";
import { Moment } from "../../ui/moment.tsx";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { outcomeText } from "../../ui/right-outcome.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { nameOf } from "../people/name-of.ts";
import { people } from "../platform/people-client.ts";

export function AccessPage() {
  const [asked, setAsked] = useState({ who: "", what: "" });
  const query = useQuery({
    queryKey: ["access", asked],
    queryFn: ({ signal }) => people.access(asked.who, asked.what, signal),
    refetchInterval: false,
  });
  return (
    <>
      <h1>Access review</h1>
      <Question onAsk={setAsked} />
      <Answer query={query} what="who can do what">
        {(report) => <Report report={report} isWhole={asked.who === "" && asked.what === ""} />}
      </Answer>
    </>
  );
}

function Question({ onAsk }: { readonly onAsk: (asked: { readonly who: string; readonly what: string }) => void }) {
  const [who, setWho] = useState("");
  const [what, setWhat] = useState("");
  return (
    <SubmitForm className="filters" onSubmit={() => onAsk({ who: who.trim(), what: what.trim() })}>
      <Entry label="Who (address or id)" value={who} onChange={setWho} />
      <Entry label="What (such as GET /api/content)" value={what} onChange={setWhat} />
      <SubmitButton isBusy={false}>Show</SubmitButton>
    </SubmitForm>
  );
}

function Report({ report, isWhole }: { readonly report: AccessReport; readonly isWhole: boolean }) {
  return (
    <>
      {isWhole ? <SignOff report={report} /> : null}
      {isWhole ? <Flagged people={report.flagged} /> : null}
      {report.classes.map((one) => (
        <ClassRights key={one.roles.join(" ")} one={one} />
      ))}
      {report.classes.length === 0 ? <p>There is no account.</p> : null}
    </>
  );
}

function SignOff({ report: { reviewed, policyHash } }: { readonly report: AccessReport }) {
  const client = useQueryClient();
  return (
    <p>
      {reviewed === null ? (
        "Nobody has signed off a review yet. "
      ) : (
        <>
          Reviewed <Moment at={reviewed.at} /> by {reviewed.by}: “{reviewed.note}”
          {reviewed.policyHash === policyHash ? " " : ", under another policy than today’s. "}
        </>
      )}
      <NoteDialog
        action="Sign off the review"
        title="Sign off the review"
        hint="What did you look at, and what follows from it? The note is recorded with your name and the policy of this moment."
        send={(note) => people.review(note)}
        onSent={() => void client.invalidateQueries({ queryKey: ["access"] })}
      />
    </p>
  );
}

const words = {
  unused: "not signed in for 90 days",
  "no-second-factor": "a role that needs approval, and neither a second factor nor a passkey",
} as const;

function Flagged({ people: flagged }: { readonly people: readonly FlaggedPerson[] }) {
  return (
    <section aria-label="Accounts to look at">
      <h2>Look at these</h2>
      {flagged.length === 0 ? <p>No account stands out.</p> : null}
      <ul>
        {flagged.map((person) => (
          <li key={person.id}>
            <Link to="/people/$id" params={{ id: person.id }}>
              {nameOf(person)}
            </Link>{" "}
            ({person.roles.join(", ") || "no role"}): {person.reasons.map((reason) => words[reason]).join("; ")}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ClassRights({ one: { roles, people: count, rights } }: { readonly one: AccessClass }) {
  const name = roles.length === 0 ? "no role" : roles.join(", ");
  const may = rights.filter(({ outcome }) => outcome !== "refused").length;
  return (
    <details className="card" open={rights.length <= 5}>
      <summary>
        <strong>{name}</strong> – {count} account{count === 1 ? "" : "s"}, {may} of {rights.length} actions
      </summary>
      <ScrollArea label={`What ${name} can do`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Action</th>
              <th scope="col">May</th>
              <th scope="col">By this line of the policy</th>
              <th scope="col">Where the row is such that</th>
            </tr>
          </thead>
          <tbody>
            {rights.map((right) => (
              <tr key={`${right.kind} ${right.action}`}>
                <th scope="row">
                  <code>{right.action}</code>
                </th>
                <td>{outcomeText(right)}</td>
                <td>
                  <code>
                    {right.path} → {right.because}
                  </code>
                </td>
                <td>{right.condition === "" ? "–" : right.condition}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </details>
  );
}
