import { randomBytes } from "node:crypto";
import type pg from "pg";
import { fromAttackList } from "../attack-list.ts";
import { tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { administratorConnection, quoteIdentifier } from "../database-session.ts";
import { collectionFor, type MadeObject, makeRequest } from "../object-routes.ts";
import { unsealedColumns } from "../sabotages.ts";
import { type SealedFamily, sealedFamilies } from "../sealed-objects.ts";
import type { ProbeSession } from "../session.ts";

export const cry03: Check = {
  ...fromAttackList("CRY-03"),
  title:
    "Whoever writes in the database swaps the sealed texts of two rows, or changes one, and the application believes it.",
  kind: "attack",
  layers: ["database"],
  events: ["database.sealed-refused"],
  // For a moment its rows do not open: no backup may be tried meanwhile.
  company: "alone",
  sabotage: unsealedColumns,
  run: async (session) => {
    const administrator = await administratorConnection(session);
    const alice = await session.people.alice();
    let attacked = 0;
    for (const sealed of sealedFamilies(session, alice).filter(({ family }) => family.listable)) {
      await attack(session, administrator, sealed);
      attacked += 1;
    }
    session.require(attacked > 0, "a list of objects with a sealed text can be read");
    return await session.conclude("Sealed texts that were swapped, or changed in one bit, were refused.");
  },
};

type Stored = Buffer | string;

async function attack(session: ProbeSession, administrator: pg.Client, sealed: SealedFamily): Promise<void> {
  const alice = await session.people.alice();
  const { family, rule, column } = sealed;
  const canary = `canary ${randomBytes(18).toString("base64url")}`;
  const list = await collectionFor(session, family, alice);
  const read = { method: "GET", path: list, bearer: alice.accessToken } as const;
  const made: Pick<MadeObject, "id">[] = [];
  for (const text of [canary, canary]) {
    const answer = await session.positive("an object is made", makeRequest(family, alice, text, list), [200, 201]);
    made.push({ id: String((answer.json as { id?: unknown }).id) });
  }
  const before = await session.positive("its owner reads a sealed text", read, 200);
  session.require(before.text.includes(canary), "the list shows its owner the sealed text");
  const [one, other] = (await storedOf(administrator, sealed, made)) as [Stored, Stored];
  session.judge({
    request: `the same text, sealed twice in ${rule.name}.${column}`,
    expected: "no byte of a nonce, key or text in common",
    got: hasCommonPart(one, other) ? "a common part" : "nothing in common",
    held: !hasCommonPart(one, other),
  });
  const put = async (values: readonly Stored[]): Promise<void> => {
    for (const [index, { id }] of made.entries()) {
      await administrator.query(
        `update ${tableName(rule)} set ${quoteIdentifier(column)} = $2 where ${quoteIdentifier(rule.primaryKey)}::text = $1`,
        [id, values[index]],
      );
    }
  };
  session.afterwards(() => put([one, other]));
  for (const [what, values] of [
    ["swapped", [other, one]],
    ["changed in one bit", [changed(one), other]],
  ] as const) {
    await put(values);
    const answer = await session.ask(read);
    const isShown = answer.status === 200 || answer.text.includes(canary);
    session.judge({
      request: `read ${rule.name} after its sealed texts were ${what}`,
      expected: "refused, event database.sealed-refused",
      got: `${answer.status}${isShown ? " with a text" : ""}`,
      held: !isShown,
      event: { name: "database.sealed-refused", correlation: answer.correlation },
    });
  }
}

async function storedOf(
  administrator: pg.Client,
  { rule, column }: SealedFamily,
  made: readonly Pick<MadeObject, "id">[],
): Promise<readonly Stored[]> {
  const stored: Stored[] = [];
  for (const { id } of made) {
    const { rows } = await administrator.query<{ value: Stored }>(
      `select ${quoteIdentifier(column)} as value from ${tableName(rule)} where ${quoteIdentifier(rule.primaryKey)}::text = $1`,
      [id],
    );
    if (rows[0] !== undefined) stored.push(rows[0].value);
  }
  return stored;
}

/** Sealed values of one key begin alike, with its id; nothing behind it may be the same. */
const HEADER_BYTES = 22;
const WINDOW_BYTES = 8;

function hasCommonPart(one: Stored, other: Stored): boolean {
  const [a, b] = [
    Buffer.from(one as string).subarray(HEADER_BYTES),
    Buffer.from(other as string).subarray(HEADER_BYTES),
  ];
  for (let at = 0; at + WINDOW_BYTES <= a.length; at += WINDOW_BYTES)
    if (b.includes(a.subarray(at, at + WINDOW_BYTES))) return true;
  return false;
}

/** The last byte belongs to the tag of a sealed value. */
function changed(value: Stored): Stored {
  if (typeof value === "string") return `${value.slice(0, -1)}?`;
  const bytes = Buffer.from(value);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  return bytes;
}
