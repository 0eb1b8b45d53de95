import type { Person } from "@holdfast/server/api";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { people } from "../platform/people-client.ts";

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
      {query.hasNextPage ? (
        <Button className="plain" onPress={() => void query.fetchNextPage()} isDisabled={query.isFetchingNextPage}>
          Show more
        </Button>
      ) : null}
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
                  {person.email === "" ? person.id : person.email}
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
  const mutation = useMutation({
    mutationFn: () => people.create(email.trim()),
    onSuccess: () => {
      setEmail("");
      void client.invalidateQueries({ queryKey: ["people"] });
    },
  });
  return (
    <section aria-label="New account">
      <h2>New account</h2>
      <p className="under">
        With the roles everybody gets, and without a password: the person sets one by “forgotten password”.
      </p>
      <Form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <TextField className="field" type="email" value={email} onChange={setEmail} isRequired>
          <Label>E-mail address</Label>
          <Input />
        </TextField>
        <Button className="primary" type="submit" isDisabled={mutation.isPending}>
          Make the account
        </Button>
      </Form>
      <div aria-live="polite">
        {mutation.isError ? <p className="problem">{mutation.error.message}</p> : null}
        {mutation.isSuccess ? <p>The account is there.</p> : null}
      </div>
    </section>
  );
}
