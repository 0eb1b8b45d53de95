// Unsent messages that outlive their process. What is kept is sealed; a row belongs to one process at a time, and whoever no longer
// holds it does not send it.
import { randomUUID } from "node:crypto";
import type { Statements } from "../database.ts";
import { openSecret, sealSecret } from "../key/sealed-secret.ts";
import type { PostedMessage } from "./posted-message.ts";

export interface OutboxStore {
  /** Keeps it for a try of this process within `heldMs`; 0 leaves it to whoever looks next. */
  keep(kept: PostedMessage, heldMs: number): Promise<void>;
  /** Takes up to `max` that nobody holds any more. */
  adopt(max: number): Promise<readonly PostedMessage[]>;
  /** False when another process took it meanwhile. */
  hold(id: string): Promise<boolean>;
  forget(id: string): Promise<void>;
}

export interface OutboxStoreOptions {
  readonly database: Statements;
  readonly key: Buffer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Long enough for a try and the statements around it. */
const holdMs = 60_000;
/** After so long nobody waits for a message any more. */
const keptMs = 86_400_000;

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly failed: number;
}

export function createOutboxStore({ database, key, now }: OutboxStoreOptions): OutboxStore {
  const holder = randomUUID();
  const until = (ms: number): Date => new Date(now() + ms);
  return {
    async keep({ id, message, about, failed }, heldMs) {
      const sealed = sealSecret(key, id, Buffer.from(JSON.stringify({ message, about })));
      await database.query(
        `insert into auth.outbox as kept (id, sealed, failed, holder, held_until, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do update set failed = excluded.failed, held_until = excluded.held_until where kept.holder = excluded.holder`,
        [id, sealed, failed, holder, until(heldMs === 0 ? 0 : heldMs + holdMs), until(0)],
      );
    },
    async adopt(max) {
      await database.query("delete from auth.outbox where held_until <= $1", [until(-keptMs)]);
      const { rows } = await database.query<Row>(
        `update auth.outbox set holder = $1, held_until = $2
         where id in (select id from auth.outbox where held_until <= $3 order by held_until limit $4 for update skip locked)
         returning id, sealed, failed`,
        [holder, until(holdMs), until(0), max],
      );
      return rows.flatMap(({ id, sealed, failed }) => {
        const kept = opened(key, id, sealed);
        return kept === null ? [] : [{ ...kept, id, failed }];
      });
    },
    async hold(id) {
      const { rows } = await database.query(
        "update auth.outbox set held_until = $3 where id = $1 and holder = $2 returning id",
        [id, holder, until(holdMs)],
      );
      return rows.length === 1;
    },
    async forget(id) {
      await database.query("delete from auth.outbox where id = $1 and holder = $2", [id, holder]);
    },
  };
}

/** Null: sealed under another installation's key, or changed. It is never sent, and goes with time. */
function opened(key: Buffer, id: string, sealed: Buffer): Pick<PostedMessage, "message" | "about"> | null {
  try {
    return JSON.parse(openSecret(key, id, sealed).toString()) as Pick<PostedMessage, "message" | "about">;
  } catch {
    return null;
  }
}
