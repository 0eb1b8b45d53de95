// Runs work as somebody: the database itself checks who that is. Role and claims live exactly as long as the transaction,
// and the claims are signed, so that a statement that slipped in cannot become anybody else.
import type pg from "pg";
import { claimProof } from "./claim-proof.ts";
import { PROOF_LIFETIME_MS, type SubjectText } from "./claims-cache.ts";
import type { DatabaseEvent, DatabasePool } from "./database-pool.ts";
import { DatabaseError, type DatabaseErrorCode } from "./error.ts";
import { isSpoilt, runStatement, type Statement, type SubjectSettings } from "./pipeline.ts";
import { runBehindPooler, type SignFor } from "./pool/behind-pooler.ts";
import type { PooledClient } from "./pooled-client.ts";
import { runTransaction, type Transaction } from "./transaction.ts";

/** The verified payload of an access token. Only what a token verifier returned may come here. */
export interface VerifiedClaims {
  /** The account, a UUID. Without it the work runs as `anon`. */
  readonly sub?: string;
  readonly session_id?: string;
  readonly [claim: string]: unknown;
}

/** What an event should say about the request, if there is one. */
export type About = Pick<DatabaseEvent, "requestId" | "correlation" | "address" | "route" | "service">;

const CLAIMS_CHARACTERS_MAX = 16_384;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Runs one statement (one round trip), or several in a transaction, as the subject of `claims`; as `anon` when they are null.
 * @throws DatabaseError: `database/refused` when the policy does not allow it, `database/claims-refused` when the database
 * does not believe the claims, `database/session-ended` when their session was ended; whatever else `work` throws.
 */
export function asSubject<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  pool: DatabasePool,
  claims: VerifiedClaims | null,
  work: Statement,
  about?: About,
): Promise<pg.QueryResult<Row>>;
export function asSubject<T>(
  pool: DatabasePool,
  claims: VerifiedClaims | null,
  work: (transaction: Transaction) => Promise<T>,
  about?: About,
): Promise<T>;
export async function asSubject(
  pool: DatabasePool,
  claims: VerifiedClaims | null,
  work: Statement | ((transaction: Transaction) => Promise<unknown>),
  about: About = {},
): Promise<unknown> {
  const subject = subjectOf(claims);
  const onError = (error: DatabaseError): void => report(pool, claims, about, error);
  const { sealing } = pool;
  if (typeof work === "function") {
    const sealed = (transaction: Transaction): Promise<unknown> =>
      work(sealing === undefined ? transaction : sealing.transaction(transaction, onError));
    return pool.withConnection((client) => inTransaction(pool, client, subject, sealed, onError));
  }
  const run = (statement: Statement): Promise<pg.QueryResult> => {
    const attempt = (): Promise<pg.QueryResult> =>
      pool.withConnection((client) =>
        pool.isBehindPooler
          ? runBehindPooler(client, statement, signFor(pool, subject), false)
          : runStatement(client, statement, { opensTransaction: false, subject: settingsFor(pool, client, subject) }),
      );
    return attempt().catch((error: unknown) => {
      // Nothing was executed, and the connection is closed: once more on another.
      if (isSpoilt(error)) return attempt();
      throw error;
    });
  };
  try {
    return await (sealing === undefined ? run(work) : sealing.run(work, run));
  } catch (error) {
    if (error instanceof DatabaseError) onError(error);
    throw error;
  }
}

function subjectOf(claims: VerifiedClaims | null): SubjectText {
  if (claims === null) return { role: "anon", subject: "", session: "", claims: "" };
  if (typeof claims !== "object") throw invalid(`a ${typeof claims}`);
  const { sub, session_id: session } = claims;
  if (sub !== undefined && (typeof sub !== "string" || !UUID.test(sub))) throw invalid("a subject that is not a UUID");
  if (session !== undefined && (typeof session !== "string" || !UUID.test(session))) {
    throw invalid("a session that is not a UUID");
  }
  const text = JSON.stringify(claims);
  if (text.length > CLAIMS_CHARACTERS_MAX) throw invalid(`${text.length} characters of claims`);
  return {
    role: sub === undefined ? "anon" : "authenticated",
    subject: sub ?? "",
    session: session?.toLowerCase() ?? "",
    claims: text,
  };
}

const invalid = (found: string): DatabaseError =>
  new DatabaseError("database/claims-invalid", {
    expected: `null, or the payload of a verified token of at most ${CLAIMS_CHARACTERS_MAX} characters whose sub and session_id are UUIDs`,
    found,
    hint: "Pass what the token's verifier returned, unchanged.",
  });

function inTransaction<T>(
  pool: DatabasePool,
  client: PooledClient,
  subject: SubjectText,
  work: (transaction: Transaction) => Promise<T>,
  onError: (error: DatabaseError) => void,
): Promise<T> {
  if (!pool.isBehindPooler) return runTransaction(client, settingsFor(pool, client, subject), work, onError);
  return runTransaction(client, undefined, work, onError, (statement) =>
    runBehindPooler(client, statement, signFor(pool, subject), true),
  );
}

/** Behind a pooler the process is known only once it serves, so nothing signed before can be used again. */
function signFor(pool: DatabasePool, { role, subject, session, claims }: SubjectText): SignFor {
  return (backendPid) => {
    const scope = { role, subject, session, backendPid, expiresAt: pool.now() + PROOF_LIFETIME_MS };
    return [role, claims, claims === "" ? "" : claimProof(pool.claimKey, claims, scope)];
  };
}

function settingsFor(pool: DatabasePool, client: PooledClient, subject: SubjectText): SubjectSettings {
  return { message: client.claims.message(pool.claimKey, subject, client.wire.processID, pool.now()) };
}

const eventOf: Readonly<Partial<Record<DatabaseErrorCode, DatabaseEvent["name"]>>> = {
  "database/refused": "database.refused",
  "database/session-ended": "database.refused",
  "database/claims-refused": "database.claims-refused",
  "database/sealed-refused": "database.sealed-refused",
};

function report(pool: DatabasePool, claims: VerifiedClaims | null, about: About, error: DatabaseError): void {
  const name = eventOf[error.code];
  if (name === undefined) return;
  const { sub, session_id: sessionId } = claims ?? {};
  const { sqlState = "", table } = error.place;
  pool.emit({
    ...about,
    name,
    at: pool.now(),
    reason: error.code === "database/sealed-refused" ? error.found : error.code.slice("database/".length),
    ...(sub === undefined ? {} : { subject: sub }),
    ...(typeof sessionId === "string" ? { sessionId } : {}),
    detail: { sqlState, ...(table === undefined ? {} : { table }) },
  });
}
