// Reads every page of a restored cluster with PostgreSQL's own amcheck: each heap, and each B-tree against its heap.
import type pg from "pg";

export interface PageFault {
  readonly database: string;
  readonly relation: string;
  readonly found: string;
}

const FAULTS_MAX = 20;

const HEAPS = `select c.oid::regclass::text as relation, fault.msg as found
  from pg_catalog.pg_class c cross join lateral verify_heapam(c.oid) fault
 where c.relkind in ('r', 'm', 't') and c.relpersistence = 'p' limit ${FAULTS_MAX}`;
const TREES = `select c.oid::regclass::text as relation, c.oid
  from pg_catalog.pg_class c join pg_catalog.pg_index i on i.indexrelid = c.oid
  join pg_catalog.pg_am a on a.oid = c.relam
 where a.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p' and i.indisready and i.indisvalid`;
const HEAP_COUNT = `select count(*)::int as relations from pg_catalog.pg_class where relkind in ('r', 'm', 't') and relpersistence = 'p'`;

/** Installs amcheck in the copy, which needs a superuser there. */
export async function pageFaults(
  databases: readonly string[],
  connect: (database: string) => Promise<pg.Client>,
): Promise<{ readonly relations: number; readonly faults: readonly PageFault[] }> {
  const faults: PageFault[] = [];
  let relations = 0;
  for (const database of databases) {
    const client = await connect(database);
    try {
      await client.query("create extension if not exists amcheck with schema pg_catalog");
      const heaps = await client.query<{ relation: string; found: string }>(HEAPS);
      faults.push(...heaps.rows.map((row) => ({ database, ...row })));
      const trees = await client.query<{ relation: string; oid: number }>(TREES);
      for (const { relation, oid } of trees.rows) {
        await client.query("select bt_index_check($1::oid::regclass, true)", [oid]).catch((error: unknown) => {
          faults.push({ database, relation, found: (error as Error).message }); // What amcheck says about it.
        });
      }
      const { rows } = await client.query<{ relations: number }>(HEAP_COUNT);
      relations += trees.rows.length + (rows[0]?.relations ?? 0);
    } finally {
      await client.end();
    }
  }
  return { relations, faults: faults.slice(0, FAULTS_MAX) };
}
