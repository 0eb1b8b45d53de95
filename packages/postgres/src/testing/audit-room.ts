// What tests of the audit start: a database with one audited table, a signer, and a checkpoint that is kept in memory.
import { generateKeyPairSync } from "node:crypto";
import type { KeptCheckpoint } from "../audit/audit-database.ts";
import { type BuiltTree, buildTree } from "../audit/build-tree.ts";
import { type CheckpointSigner, checkpointSigner } from "../audit/checkpoint.ts";
import { type LogVerification, verifyLog } from "../audit/verify-log.ts";
import type { DatabasePool } from "../database-pool.ts";
import type { TestDatabase } from "./test-database.ts";

export const AUDIT_TABLE = `
  CREATE TABLE public.note (id uuid PRIMARY KEY, owner_id uuid NOT NULL, text text NOT NULL);
  ALTER TABLE public.note OWNER TO holdfast_owner;
  GRANT INSERT, UPDATE, DELETE, SELECT ON public.note TO authenticated;`;

/** As `compilePostgres` writes them. */
export const AUDIT_TRIGGERS = `
  CREATE TRIGGER holdfast_audit AFTER INSERT OR UPDATE OR DELETE ON public.note FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('id');
  ALTER TABLE public.note ENABLE ALWAYS TRIGGER holdfast_audit;`;

export interface AuditRoom {
  readonly platform: DatabasePool;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint & { note: string | null };
  /** Adds rows by the administrator, each a transaction of its own, and says their keys. */
  write(rows: number): Promise<readonly string[]>;
  build(batch?: number): Promise<BuiltTree>;
  verify(kept?: readonly string[]): Promise<LogVerification>;
  /** Runs a statement as a superuser whom no policy and no trigger binds. */
  tamper(sql: string): Promise<void>;
  /** Leaves the log as a restore would, to when it had `size` leaves. */
  putBack(size: number): Promise<void>;
}

export async function openAuditRoom(database: TestDatabase): Promise<AuditRoom> {
  const administrator = await database.administrator();
  await administrator.query(AUDIT_TABLE + AUDIT_TRIGGERS);
  const platform = database.pool("holdfast_platform");
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signer = checkpointSigner("localhost/test/audit", pem);
  const kept: AuditRoom["kept"] = {
    note: null,
    read: async () => kept.note,
    write: async (note) => {
      kept.note = note;
    },
  };
  return {
    platform,
    signer,
    kept,
    async write(rows) {
      const keys = Array.from({ length: rows }, () => crypto.randomUUID());
      for (const key of keys)
        await administrator.query("INSERT INTO public.note VALUES ($1, gen_random_uuid(), 'text')", [key]);
      return keys;
    },
    build: (batch) => buildTree({ database: platform, signer, kept, ...(batch === undefined ? {} : { batch }) }),
    verify: (notes = kept.note === null ? [] : [kept.note]) => verifyLog(platform, { signer, kept: notes }),
    tamper: async (sql) => {
      await administrator.query(sql);
    },
    putBack: async (size) => {
      await administrator.query(`
        DELETE FROM holdfast_keeper.audit_leaves l WHERE NOT EXISTS (SELECT FROM holdfast_keeper.audit_positions p
          WHERE p.position < ${size} AND p.transaction = l.transaction AND p.id = l.id);
        DELETE FROM holdfast_keeper.audit_restores r WHERE NOT EXISTS (SELECT FROM holdfast_keeper.audit_leaves l
          WHERE r.transaction = l.transaction AND r.id = l.id);
        DELETE FROM holdfast_keeper.audit_positions WHERE position >= ${size};
        DELETE FROM holdfast_keeper.audit_checkpoints WHERE size > ${size}`);
    },
  };
}
