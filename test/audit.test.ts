// `holdfast audit` against a deployment that runs: what is proven, what is written for others to verify, and how a restore is accepted.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditCommand } from "../packages/cli/src/commands/audit.ts";
import { withAdministrator } from "../packages/cli/src/deployment/administrator-client.ts";
import { openVaultAt } from "../packages/cli/src/deployment/open-vault.ts";
import { loadProject } from "../packages/cli/src/project.ts";
import { silentTerminal } from "../packages/cli/src/terminal.ts";
import { openRestoreRecords } from "../packages/server/src/audit/restore-record.ts";
import { type StartedPlatform, startedPlatform } from "./browser/started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
let platform: StartedPlatform;

beforeAll(async () => {
  platform = await startedPlatform();
}, START_MS_MAX);
afterAll(() => platform?.stop());

/** The command as it is typed: its exit code, the document of --json, and the lines. */
async function audit(words: readonly string[], options: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const say = (text = ""): void => void lines.push(text);
  let document: unknown;
  const exitCode = await auditCommand.run({
    words: [...words, platform.folder],
    options,
    terminal: { line: say, progress: () => undefined, done: say, warn: say },
    json: (said) => {
      document = said;
    },
  });
  return { exitCode, document, text: lines.join("\n") };
}

const onDatabase = async (sql: string): Promise<void> => {
  await withAdministrator(await loadProject(platform.folder), silentTerminal, (client) => client.query(sql));
};
const write = (id: string): Promise<void> =>
  onDatabase(`INSERT INTO public.content (id, owner_id, title, body, status)
    SELECT '${id}', id, 'title', 'body', 'draft' FROM auth.users LIMIT 1`);
const verifies = (folder: string): string =>
  execFileSync("bash", [join(folder, "verify.sh")], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

test(
  "a row, and that the log only grew, are proven by files that bash and openssl verify; other rows, tables and checkpoints are not",
  async () => {
    expect(await audit(["checkpoint"])).toMatchObject({ exitCode: 2, document: { checkpoint: null } });
    const id = crypto.randomUUID();
    await write(id);
    const { document } = await audit(["checkpoint"]);
    const earlier = join(platform.folder, "earlier");
    await writeFile(earlier, (document as { checkpoint: string }).checkpoint);
    await write(crypto.randomUUID());
    const [row, growth] = [join(platform.folder, "row"), join(platform.folder, "growth")];
    expect(await audit(["prove", "content", id], { out: row })).toMatchObject({ exitCode: 0 });
    expect(verifies(row)).toContain("leaf-0.json: in the tree");
    expect(await audit(["consistency"], { checkpoint: earlier, out: growth })).toMatchObject({ exitCode: 0 });
    expect(verifies(growth)).toContain("later: only adds to earlier");
    await writeFile(join(growth, "consistency"), "");
    expect(() => verifies(growth)).toThrow("Command failed");
    expect(await audit(["verify"], { checkpoint: earlier })).toMatchObject({ exitCode: 0, document: { intact: true } });

    expect(await audit(["prove", "content", crypto.randomUUID()])).toMatchObject({ exitCode: 2 });
    await expect(audit(["prove", "teams", id])).rejects.toThrow("an audited table was expected (content)");
    await expect(audit(["consistency"])).rejects.toThrow("--checkpoint was expected");
    await expect(audit(["verify"], { checkpoint: join(platform.folder, "none") })).rejects.toThrow("ENOENT");
    await writeFile(earlier, (await readFile(earlier, "utf8")).replace("\n1\n", "\n2\n"));
    expect(await audit(["consistency"], { checkpoint: earlier })).toMatchObject({ exitCode: 1 });
    expect(await audit(["verify"], { checkpoint: earlier })).toMatchObject({ exitCode: 1 });
  },
  FLOW_MS_MAX,
);

test(
  "a database that was put back stops the log until an administrator is named, with a reason and the record that restore signed",
  async () => {
    const lost = join(platform.folder, "lost");
    const { document } = await audit(["checkpoint"]);
    await writeFile(lost, (document as { checkpoint: string }).checkpoint);
    // As a restore leaves it: without the newest change.
    await onDatabase(`
      DELETE FROM holdfast_keeper.audit_leaves WHERE transaction = (SELECT transaction FROM holdfast_keeper.audit_positions WHERE position = 1);
      DELETE FROM holdfast_keeper.audit_positions WHERE position = 1;
      DELETE FROM holdfast_keeper.audit_checkpoints WHERE size = 2`);
    expect(await audit(["verify"])).toMatchObject({ exitCode: 1, text: expect.stringContaining("rolled-back at 2") });
    const vault = await openVaultAt(join(platform.folder, ".holdfast"));
    const { sign } = await openRestoreRecords(vault);
    await vault.close();
    const record = join(platform.folder, "record");
    const note = sign({ backup: "b1", to: null, lastCommitAt: Date.now(), at: Date.now() });
    const { email: person } = platform.administrator;
    const reason = "the disk died";
    await expect(audit(["accept-restore"], { person, reason })).rejects.toThrow("the record of a restore was expected");
    await expect(audit(["accept-restore"], { reason, record })).rejects.toThrow("--person");
    await expect(audit(["accept-restore"], { person, record })).rejects.toThrow("--reason");
    await writeFile(record, note.replace("b1", "b2"));
    const accept = (who = person) => audit(["accept-restore"], { person: who, reason, record });
    await expect(accept()).rejects.toThrow("platform/evidence-refused");
    await writeFile(record, note);
    await expect(accept("nobody@example.com")).rejects.toThrow("platform/person-required");
    expect(await audit(["verify"])).toMatchObject({ exitCode: 1 });

    expect(await accept()).toMatchObject({ exitCode: 0, document: { fork: 1, size: 1, reason } });
    const { events } = await platform.opened.client.get<{ events: unknown[] }>("/events?name=audit.restore-accepted");
    expect(events).toMatchObject([{ name: "audit.restore-accepted", reason }]);
    await write(crypto.randomUUID());
    expect(await audit(["verify"], { checkpoint: lost })).toMatchObject({
      exitCode: 0,
      document: { intact: true, abandoned: 1 },
    });
    expect(await audit(["consistency"], { checkpoint: lost })).toMatchObject({ exitCode: 1 });
    await expect(accept()).rejects.toThrow("platform/restore-refused");
  },
  FLOW_MS_MAX,
);
