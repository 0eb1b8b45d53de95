// kill -9 at random moments of building the audit tree: no leaf is lost or placed twice, no checkpoint that was kept is broken, and
// whoever comes next goes on. `HOLDFAST_TREE_KILLS` says how often; `npm run fuzz tree-kills` kills 200 times.
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AUDIT_TABLE, AUDIT_TRIGGERS } from "../testing/audit-room.ts";
import { randomFrom } from "../testing/random-from.ts";
import { startTestCluster, type TestCluster } from "../testing/test-cluster.ts";
import { type TestDatabase, testDatabaseAt } from "../testing/test-database.ts";
import { keptInFile, type TreeWork } from "../testing/tree-worker.ts";
import { buildTree } from "./build-tree.ts";
import { checkpointSigner } from "./checkpoint.ts";
import { verifyLog } from "./verify-log.ts";

const KILLS = Number(process.env["HOLDFAST_TREE_KILLS"] ?? "15");
const MS_PER_KILL_MAX = 20_000;
/** Written before each kill; a batch is smaller. */
const ROWS = 60;
const DELAY_MS_MAX = 60;
const worker = fileURLToPath(new URL("../testing/tree-worker.ts", import.meta.url));

let cluster: TestCluster;
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  database = await testDatabaseAt(cluster.address);
  folder = await mkdtemp(join(tmpdir(), "holdfast-tree-"));
});
afterAll(async () => {
  await database.drop();
  await cluster.stop();
  await rm(folder, { recursive: true });
});

/** Builds in a process of its own and kills it, so many milliseconds after it began. */
function buildAndKill(work: TreeWork, killAfterMs: number): Promise<void> {
  const child = spawn(process.execPath, ["--conditions=holdfast-source", worker, JSON.stringify(work)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString()));
    child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), killAfterMs));
    child.on("close", (_, signal) => (signal === "SIGKILL" ? resolve() : reject(new Error(errors))));
  });
}

test(
  `${KILLS} kills of the tree's builder lose no leaf and break no checkpoint, and the next one goes on`,
  async () => {
    const random = randomFrom(Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 1_000_000));
    const administrator = await database.administrator();
    await administrator.query(AUDIT_TABLE + AUDIT_TRIGGERS);
    const privateKeyPem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const [origin, keptFile] = ["localhost/test/audit", join(folder, "kept")];
    const [signer, kept] = [checkpointSigner(origin, privateKeyPem), keptInFile(keptFile)];
    const work = { settings: database.settings(), origin, privateKeyPem, keptFile };
    const notes = new Set<string>();
    let cutShort = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await administrator.query(
        `INSERT INTO public.note SELECT gen_random_uuid(), gen_random_uuid(), 'text' FROM generate_series(1, ${ROWS})`,
      );
      await buildAndKill(work, random() * DELAY_MS_MAX);
      const note = await kept.read();
      if (note !== null) notes.add(note);
      const size = note === null ? 0 : (signer.open(note)?.size ?? Number.NaN);
      if (size < kill * ROWS) cutShort += 1;
    }
    const platform = database.pool("holdfast_platform");
    expect(await buildTree({ database: platform, signer, kept })).toMatchObject({
      size: KILLS * ROWS,
      fault: undefined,
    });
    const report = await verifyLog(platform, { signer, kept: [...notes, (await kept.read()) ?? ""] });
    expect(report).toMatchObject({ size: KILLS * ROWS, faults: [] });
    const { rows } = await platform.query("SELECT FROM holdfast_keeper.audit_positions");
    expect(rows).toHaveLength(KILLS * ROWS);
    // Otherwise nothing was interrupted, and nothing was shown.
    expect(cutShort).toBeGreaterThan(0);
  },
  KILLS * MS_PER_KILL_MAX,
);
