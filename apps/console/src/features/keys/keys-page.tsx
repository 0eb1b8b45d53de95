// The vault's data keys: what each is for, its versions and their age. No key leaves the vault, so there is none to show.
import type { KeyGroup, KeyVersion } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { data } from "../platform/data-client.ts";

export function KeysPage() {
  const query = useQuery({ queryKey: ["keys"], queryFn: ({ signal }) => data.keys(signal) });
  return (
    <>
      <h1>Keys</h1>
      <p className="under">
        The vault’s data keys, each for one purpose and one class of data. Signing keys and service keys, rotating and
        destroying: <code>holdfast keys</code>.
      </p>
      <Answer query={query} what="the keys">
        {({ keys }) =>
          keys.length === 0 ? <p>Nothing was sealed yet, so there is no key.</p> : <KeyTable keys={keys} />
        }
      </Answer>
    </>
  );
}

function KeyTable({ keys }: { readonly keys: readonly KeyGroup[] }) {
  return (
    <ScrollArea label="Data keys by purpose and class of data">
      <table>
        <thead>
          <tr>
            <th scope="col">Purpose</th>
            <th scope="col">Class of data</th>
            <th scope="col">Whose</th>
            <th scope="col">Versions</th>
            <th scope="col">Oldest that seals</th>
            <th scope="col">Guarded by</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((group) => (
            <tr key={`${group.purpose} ${group.dataClass}`}>
              <th scope="row">{group.purpose}</th>
              <td>
                <code>{group.dataClass}</code>
              </td>
              <td>{whoseWords(group)}</td>
              <td>
                <Versions group={group} />
              </td>
              <td>{group.oldestActiveAt === null ? "none seals" : <Moment at={group.oldestActiveAt} />}</td>
              <td className="rule">
                {group.guardedBy.map((guard) => (
                  <code key={guard}>{guard}</code>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

const whoseWords = ({ subjects }: KeyGroup): string =>
  subjects === 0
    ? "one key for all"
    : `${subjects} ${subjects === 1 ? "person has" : "people have"} a key of their own`;

const words: Readonly<Record<KeyVersion["state"], string>> = {
  active: "● seals and opens",
  "decrypt-only": "◐ opens only",
  revoked: "✕ revoked",
};

/** Each version by itself; of people's own keys only how many there are in each state. */
function Versions({ group: { versions, active, decryptOnly, revoked } }: { readonly group: KeyGroup }) {
  if (versions.length === 0) {
    return (
      <>
        {active} that seal and open, {decryptOnly} that open only, {revoked} revoked
      </>
    );
  }
  return (
    <ul className="places">
      {versions.map(({ version, state, madeAt }) => (
        <li key={version}>
          {version}: {words[state]}, made <Moment at={madeAt} />
        </li>
      ))}
    </ul>
  );
}
