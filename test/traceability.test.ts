import { existsSync } from "node:fs";
import { join } from "node:path";
import { controls, enforcementOf, eventKinds } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { describe, expect, test } from "vitest";
import { isCode, isTest, read, root, trackedFiles } from "./source-tree.ts";

const code = trackedFiles().filter((path) => isCode(path) && !isTest(path));
const emitting = code
  .filter((path) => /^packages\/(vault|identity|gateway|server|postgres|cli)\//.test(path))
  .map(read)
  .join("\n");

describe("everything can be traced", () => {
  test("every line of the plan is one control: 51 items, 15 tasks, 5 indicators, 5 thresholds", () => {
    const count = (kind: string) => controls.filter((control) => control.kind === kind).length;
    expect([count("measure"), count("task"), count("indicator"), count("threshold")]).toEqual([51, 15, 5, 5]);
  });

  test("every check a control requires exists, and every check is required by a control", () => {
    const required = new Set(controls.flatMap((control) => control.checks));
    const existing = new Set<string>(checks.map((check) => check.id));
    expect(
      [...required].filter((id) => !existing.has(id)),
      "required but not built",
    ).toEqual([]);
    expect(
      [...existing].filter((id) => !required.has(id)),
      "built but required by no control",
    ).toEqual([]);
  });

  test("at least 40 checks come from the attack list, each with a sabotage of its own name", () => {
    expect(checks.filter((check) => /^[A-Z]+-\d\d$/.test(check.id)).length).toBeGreaterThanOrEqual(40);
    for (const check of checks) expect(check.sabotage.name.length, check.id).toBeGreaterThan(3);
  });

  test("every control with a check is enforced somewhere, and every place that enforces one exists", () => {
    const unenforced = controls.filter(
      (control) => control.checks.length > 0 && enforcementOf(control.id).length === 0,
    );
    expect(unenforced.map((control) => control.id)).toEqual([]);
    const places = controls.flatMap((control) => enforcementOf(control.id));
    expect(places.length).toBeGreaterThan(40);
    expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  test("every event has an emitter", () => {
    const silent = Object.keys(eventKinds).filter((name) => !emitting.includes(`"${name}"`));
    expect(silent).toEqual([]);
  });
});
