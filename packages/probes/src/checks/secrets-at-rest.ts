import { createHash } from "node:crypto";
import { enrolFactor } from "../accounts.ts";
import type { Check } from "../check.ts";
import { administratorConnection } from "../database-session.ts";
import { mailedLink, recoveryDigits } from "../mail-attack.ts";
import { carelessRule } from "../sabotages.ts";

/** The hashes that somebody with a copy of the tables would try: without a key, of the secret alone or with its address. */
const ALGORITHMS = ["sha224", "sha256", "sha512", "sha1", "md5"] as const;
const TABLES = ["auth.users", "auth.sessions", "auth.one_time_tokens", "auth.mfa_factors"] as const;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Who reads the tables, a backup or a replica, must not sign in with what stands there. */
export const secretsAtRest: Check = {
  id: "secrets-at-rest",
  title:
    "The tables hold what signs in: a refresh token, a code, a link or the secret of a factor, or its hash without a key.",
  kind: "attack",
  layers: ["identity", "database"],
  asvs: ["V11.4.1", "V14.2.4"],
  wstg: ["WSTG-CRYP-04"],
  events: [],
  company: "together",
  sabotage: carelessRule(
    "codes-hashed-without-key",
    "What is used once is stored as its bare SHA-256.",
    "onceHash",
    (_key: Buffer, parts: readonly string[]) =>
      createHash("sha256")
        .update(parts.at(-1) ?? "")
        .digest(),
  ),
  run: async (session) => {
    const victim = await session.victim();
    const factor = await enrolFactor(session.client, victim, session.redaction);
    const digits = await recoveryDigits(session, victim.email);
    const token = (await mailedLink(session, victim.email, "recover")).searchParams.get("token") ?? "";
    const administrator = await administratorConnection(session);
    const rows: string[] = [];
    for (const table of TABLES) {
      const column = table === "auth.users" ? "id" : "user_id";
      const found = await administrator.query<{ row: string }>(
        `select t::text as row from ${table} t where ${column} = $1`,
        [victim.id],
      );
      session.require(found.rows.length > 0, `a row of the victim stands in ${table}`);
      rows.push(...found.rows.map(({ row }) => row.toLowerCase()));
    }
    const dump = rows.join("\n");
    const secrets: readonly (readonly [string, string])[] = [
      ["the password", victim.password],
      ["the refresh token", victim.refreshToken],
      ["the token of a mailed link", token],
      ["the mailed digits", digits],
      ["the secret of a factor", factor.secret],
    ];
    for (const [what, secret] of secrets) {
      const forms = [
        // Six digits stand in many a time; as a secret they would stand alone.
        ...(secret === digits ? [`"${secret}"`, `,${secret},`] : [secret]),
        Buffer.from(secret).toString("hex"),
        ...(secret === factor.secret ? [fromBase32(secret).toString("hex")] : []),
        ...ALGORITHMS.flatMap((algorithm) =>
          [secret, victim.email + secret, secret + victim.email].map((text) =>
            createHash(algorithm).update(text).digest("hex"),
          ),
        ),
      ];
      const found = forms.some((form) => dump.includes(form.toLowerCase()));
      session.judge({
        request: `search ${rows.length} rows of ${TABLES.length} tables for ${what}, as it is and by ${ALGORITHMS.length} hashes`,
        expected: "nothing",
        got: found ? "it, or its bare hash" : "nothing",
        held: !found,
      });
    }
    return await session.conclude("Nothing in the tables signed in, or could be found by trying.");
  },
};

function fromBase32(text: string): Buffer {
  const bits = [...text.replace(/=+$/u, "")]
    .map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/gu) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
