import type { Person } from "@holdfast/server/api";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Refusal } from "../../ui/answer.tsx";
import { Entry, Failure, SubmitButton, SubmitForm } from "../../ui/form-parts.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { people } from "../platform/people-client.ts";
import { nameOf } from "./name-of.ts";

export function PeoplePage() {
  const [search, setSearch] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["people", search],
    queryFn: ({ pageParam, signal }) => people.list(search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const found = query.data?.pages.flatMap((page) => page.people) ?? [];
  return (
    <>
      <h1>People</h1>
      <div className="filters">
        <label>
          Address begins with{" "}
          <input type="search" value={search} onChange={(event) => setSearch(event.target.value.trim())} />
        </label>
      </div>
      {query.isError ? <Refusal error={query.error} what="the people" /> : null}
      {query.isPending ? <Loading what="the people" /> : <PeopleTable people={found} />}
      <ShowMore pages={query} />
      <NewPerson />
    </>
  );
}

function PeopleTable({ people: shown }: { readonly people: readonly Person[] }) {
  if (shown.length === 0) return <p>Nobody matches.</p>;
  return (
    <ScrollArea label="People, newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Roles</th>
            <th scope="col">Second factor</th>
            <th scope="col">Last sign-in</th>
            <th scope="col">Sessions</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((person) => (
            <tr key={person.id}>
              <th scope="row">
                <Link to="/people/$id" params={{ id: person.id }}>
                  {nameOf(person)}
                </Link>
              </th>
              <td>{person.roles.map(({ role }) => role).join(", ") || "none"}</td>
              <td>{protectionWords[person.protection]}</td>
              <td>
                <Moment at={person.lastSignInAt} />
              </td>
              <td>{person.sessions}</td>
              <td>{stateOf(person)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

export function stateOf({ bannedUntil, emailConfirmedAt }: Person): string {
  if (bannedUntil !== null && bannedUntil > Date.now()) return "banned";
  return emailConfirmedAt === null ? "address unconfirmed" : "active";
}

/** A passkey is a sign-in of two factors by itself. What the policy has turned off protects nobody. */
const protectionWords: Readonly<Record<Person["protection"], string>> = {
  factor: "yes",
  passkey: "passkey",
  none: "no",
};

function NewPerson() {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [isInvited, setInvited] = useState(true);
  const mutation = useMutation({
    mutationFn: () => people.create(email.trim(), isInvited),
    onSuccess: () => {
      setEmail("");
      void client.invalidateQueries({ queryKey: ["people"] });
    },
  });
  return (
    <section aria-label="New account">
      <h2>New account</h2>
      <p className="under">
        With the roles everybody gets, and without a password: the person sets one through the invitation, or by
        “forgotten password”.
      </p>
      <SubmitForm className="column" onSubmit={() => mutation.mutate()}>
        <Entry label="E-mail address" type="email" value={email} onChange={setEmail} isRequired />
        <label className="choice">
          <input type="checkbox" checked={isInvited} onChange={(event) => setInvited(event.target.checked)} /> Mail an
          invitation
        </label>
        <Failure error={mutation.error} words={taken} />
        <SubmitButton isBusy={mutation.isPending}>Make the account</SubmitButton>
      </SubmitForm>
      <output>
        {mutation.isSuccess
          ? mutation.data.isInvited
            ? "The account is there, and an invitation is on its way."
            : "The account is there."
          : ""}
      </output>
    </section>
  );
}

const taken: Readonly<Record<string, string>> = { email_exists: "This address has an account already." };
