import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Import,
  importsOf,
  isCode,
  isTest,
  ladder,
  read,
  resolveRelative,
  roomOf,
  root,
  trackedFiles,
} from "./source-tree.ts";

const code = trackedFiles().filter((path) => isCode(path) && !isTest(path) && roomOf(path) !== undefined);

function workspaceRoom(specifier: string): { room: string; entry: string } | undefined {
  const match = /^(?:@holdfast\/([a-z-]+)|(holdfast))(?:\/(.+))?$/.exec(specifier);
  if (match === null) return undefined;
  return { room: match[1] ?? "cli", entry: match[3] ?? "index" };
}

/** Why this import breaks the ladder, or undefined. */
function breach(path: string, imported: Import): string | undefined {
  const room = roomOf(path) as string;
  const rules = ladder.rooms[room];
  if (rules === undefined) return `${path}: no such room`;
  if (imported.specifier.startsWith(".")) {
    const target = resolveRelative(path, imported.specifier);
    return roomOf(target) === room ? undefined : `${path} reaches into ${target} by a relative path`;
  }
  const target = workspaceRoom(imported.specifier);
  if (target === undefined) {
    const isForbidden = rules.pure === true;
    return isForbidden ? `${path} imports ${imported.specifier}, but ${room} touches nothing` : undefined;
  }
  if (target.room === room || rules.mayImport.includes(target.room)) return undefined;
  if (imported.typeOnly && rules.mayImportTypes?.includes(`${target.room}/${target.entry}`)) return undefined;
  return `${path} imports ${imported.specifier}, which ladder.json does not allow`;
}

describe("the ladder", () => {
  test("every room of ladder.json exists, and no planned room does yet", () => {
    for (const room of Object.values(ladder.rooms))
      expect(existsSync(join(root, room.path, "package.json")), room.path).toBe(true);
    for (const name of Object.keys(ladder.planned)) expect(existsSync(join(root, "packages", name)), name).toBe(false);
  });

  test("every package is a room", () => {
    const packages = trackedFiles().filter((path) => /^(packages|apps|examples)\/[^/]+\/package\.json$/.test(path));
    const rooms = Object.values(ladder.rooms).map((room) => `${room.path}/package.json`);
    expect(packages.toSorted()).toEqual(rooms.toSorted());
  });

  test("imports only go where ladder.json allows", () => {
    expect(code.length).toBeGreaterThan(50);
    const breaches = code.flatMap((path) => importsOf(path).map((imported) => breach(path, imported))).filter(Boolean);
    expect(breaches).toEqual([]);
  });

  test("an import against the ladder would be caught", () => {
    expect(breach("packages/probes/src/prove.ts", { specifier: "@holdfast/gateway", typeOnly: true })).toContain(
      "ladder.json",
    );
    expect(breach("packages/server/src/app.ts", { specifier: "@holdfast/compile", typeOnly: false })).toContain(
      "ladder.json",
    );
    expect(breach("packages/policy/src/evaluate.ts", { specifier: "node:fs", typeOnly: false })).toContain(
      "touches nothing",
    );
    expect(
      breach("packages/identity/src/app.ts", { specifier: "../../gateway/src/app.ts", typeOnly: false }),
    ).toContain("relative path");
    expect(breach("apps/console/src/app.tsx", { specifier: "@holdfast/server/api", typeOnly: false })).toContain(
      "ladder.json",
    );
    expect(breach("apps/console/src/app.tsx", { specifier: "@holdfast/server/api", typeOnly: true })).toBeUndefined();
  });

  test("package.json of each room declares the workspace packages it imports, and only those the ladder allows", () => {
    for (const [name, room] of Object.entries(ladder.rooms)) {
      const manifest = JSON.parse(read(`${room.path}/package.json`)) as { dependencies?: Record<string, string> };
      const declared = Object.keys(manifest.dependencies ?? {}).flatMap(
        (dependency) => workspaceRoom(dependency)?.room ?? [],
      );
      const allowed = [...room.mayImport, ...(room.mayImportTypes ?? []).map((entry) => entry.split("/")[0])];
      expect(
        declared.filter((dependency) => !allowed.includes(dependency)),
        `${name} declares`,
      ).toEqual([]);
    }
  });

  test("the folders inside a room import only downwards", () => {
    const breaches: string[] = [];
    for (const room of Object.values(ladder.rooms)) {
      const inner = room.inner;
      if (inner === undefined) continue;
      const folder = (path: string) => /^src\/([^/]+)\//.exec(path.slice(room.path.length + 1))?.[1];
      for (const path of code.filter((each) => each.startsWith(`${room.path}/`))) {
        const from = folder(path);
        if (from === undefined || inner[from] === undefined) continue;
        for (const imported of importsOf(path).filter((each) => each.specifier.startsWith("."))) {
          const to = folder(resolveRelative(path, imported.specifier));
          if (to !== from && (to === undefined ? false : !inner[from].includes(to))) breaches.push(`${path} → ${to}`);
        }
      }
    }
    expect(breaches).toEqual([]);
  });

  test("ARCHITECTURE.md shows the same table", () => {
    const document = read("ARCHITECTURE.md");
    for (const [name, room] of Object.entries(ladder.rooms)) {
      const imports =
        [...room.mayImport, ...(room.mayImportTypes ?? []).map((entry) => `types of ${entry}`)].join(", ") || "–";
      expect(document, name).toContain(`| \`${name}\` | ${imports} | ${room.purpose} |`);
    }
    for (const [name, purpose] of Object.entries(ladder.planned))
      expect(document, name).toContain(`| \`${name}\` | ${purpose} |`);
  });
});
