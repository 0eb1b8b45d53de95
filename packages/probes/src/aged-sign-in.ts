// A session that lay open: its age is written into the database, so that no clock has to move.
import type pg from "pg";

/** The sign-in of a session, and every other proof in it, was so long ago. */
const AGE = `update auth.sessions set amr = (
    select jsonb_agg(jsonb_set(proof, '{timestamp}', to_jsonb((proof->>'timestamp')::bigint - $2::bigint)))
    from jsonb_array_elements(amr) proof)
  where id = $1`;

/** False: there is no such session. */
export async function ageSignIn(administrator: pg.Client, sessionId: string, seconds: number): Promise<boolean> {
  return (await administrator.query(AGE, [sessionId, seconds])).rowCount === 1;
}
