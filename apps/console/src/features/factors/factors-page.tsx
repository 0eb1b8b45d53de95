import type { Person, PersonFactor } from "@holdfast/server/api";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { factorName } from "../people/factor-name.ts";
import { nameOf } from "../people/name-of.ts";
import { RemoveFactor } from "../people/remove-factor.tsx";
import { type ProtectionFilter, people } from "../platform/people-client.ts";

const everybody: ProtectionFilter = { search: "", protection: "", privileged: "" };

/** Who has which second factors, and who with a role that needs approval has none. */
export function FactorsPage() {
  const [filter, setFilter] = useState(everybody);
  const query = useInfiniteQuery({
    queryKey: ["factors", filter],
    queryFn: ({ pageParam, signal }) => people.protected(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const found = query.data?.pages.flatMap((page) => page.people) ?? [];
  return (
    <>
      <h1>Second factors</h1>
      <Bare />
      <Filters filter={filter} onChange={setFilter} />
      {query.isError ? <Refusal error={query.error} what="the second factors" /> : null}
      {query.isPending ? <Loading what="the second factors" /> : <FactorTable people={found} />}
      <ShowMore pages={query} />
    </>
  );
}

/** What somebody should do something about stands first, whatever is filtered. */
function Bare() {
  const query = useInfiniteQuery({
    queryKey: ["factors", "bare"],
    queryFn: ({ pageParam, signal }) =>
      people.protected({ search: "", protection: "none", privileged: "yes" }, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const bare = query.data?.pages.flatMap((page) => page.people) ?? [];
  if (query.isPending || query.isError) return null;
  if (bare.length === 0) {
    return <p>Every account with a role that needs approval has a second factor or a passkey.</p>;
  }
  return (
    <section aria-label="Privileged accounts without a second factor" className="card card-open">
      <h2>A password alone guards these accounts, which hold a role that needs approval</h2>
      <ul>
        {bare.map((person) => (
          <li key={person.id}>
            <Link to="/people/$id" params={{ id: person.id }}>
              {nameOf(person)}
            </Link>{" "}
            ({person.roles.map(({ role }) => role).join(", ")}), since <Moment at={heldSince(person)} />
          </li>
        ))}
      </ul>
      <ShowMore pages={query} label="Show more of these" />
    </section>
  );
}

/** Since when it has held a role; an account that always had it, since it was made. */
const heldSince = ({ roles, createdAt }: Person): number =>
  Math.min(...roles.map(({ grantedAt }) => grantedAt ?? createdAt));

function Filters({
  filter,
  onChange,
}: {
  readonly filter: ProtectionFilter;
  readonly onChange: (filter: ProtectionFilter) => void;
}) {
  return (
    <div className="filters">
      <label>
        Address begins with{" "}
        <input
          type="search"
          value={filter.search}
          onChange={(event) => onChange({ ...filter, search: event.target.value.trim() })}
        />
      </label>
      <label>
        Show{" "}
        <select
          value={filter.protection}
          onChange={(event) =>
            onChange({ ...filter, protection: event.target.value as ProtectionFilter["protection"] })
          }
        >
          <option value="">everybody</option>
          <option value="some">with a second factor or a passkey</option>
          <option value="none">with a password alone</option>
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={filter.privileged === "yes"}
          onChange={(event) => onChange({ ...filter, privileged: event.target.checked ? "yes" : "" })}
        />{" "}
        only roles that need approval
      </label>
    </div>
  );
}

function FactorTable({ people: shown }: { readonly people: readonly Person[] }) {
  if (shown.length === 0) return <p>Nobody matches.</p>;
  return (
    <ScrollArea label="Second factors by person, newest account first">
      <table>
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">What</th>
            <th scope="col">Since</th>
            <th scope="col">Last used</th>
            <th scope="col">Remove</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((person) => (
            <PersonRows key={person.id} person={person} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function PersonRows({ person }: { readonly person: Person }) {
  const { factors, passkeys } = person;
  const count = Math.max(1, factors.length + passkeys.length);
  const name = (
    <th scope="rowgroup" rowSpan={count}>
      <Link to="/people/$id" params={{ id: person.id }}>
        {nameOf(person)}
      </Link>
    </th>
  );
  if (factors.length + passkeys.length === 0) {
    return (
      <tr>
        {name}
        <td colSpan={4}>{person.isPrivileged ? "none, with a role that needs approval" : "none"}</td>
      </tr>
    );
  }
  return (
    <>
      {passkeys.map((passkey, index) => (
        <tr key={passkey.id}>
          {index === 0 ? name : null}
          <td>Passkey{passkey.name === "" || passkey.name === "Passkey" ? "" : ` “${passkey.name}”`}</td>
          <td>
            <Moment at={passkey.createdAt} />
          </td>
          <td>
            <Moment at={passkey.lastUsedAt} />
          </td>
          <td>{"–"}</td>
        </tr>
      ))}
      {factors.map((factor, index) => (
        <FactorRow
          key={factor.id}
          person={person}
          factor={factor}
          name={index === 0 && passkeys.length === 0 ? name : null}
        />
      ))}
    </>
  );
}

function FactorRow({
  person,
  factor,
  name,
}: {
  readonly person: Person;
  readonly factor: PersonFactor;
  readonly name: ReactNode;
}) {
  const client = useQueryClient();
  const reload = () => {
    for (const key of ["factors", "people", "person"]) void client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <tr>
      {name}
      <td>
        {factorName(factor)}
        {factor.status === "verified" ? "" : ", not finished"}
      </td>
      <td>
        <Moment at={factor.createdAt} />
      </td>
      <td>
        <Moment at={factor.lastUsedAt} />
      </td>
      <td>
        {person.isPrivileged ? (
          <span className="under">by the operator only</span>
        ) : (
          <RemoveFactor personId={person.id} factor={factor} about={nameOf(person)} onRemoved={reload} />
        )}
      </td>
    </tr>
  );
}
