import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { layers } from "../layer.ts";
import { controlById, controls } from "./controls.ts";
import { requirementsBySubject } from "./requirements.ts";

interface PlanLine {
  readonly phase: string;
  readonly section: string;
  readonly line: string;
}

/** The plan's leaves: checkboxes without boxes below them, and the listed indicators and thresholds. */
function linesOfPlan(): readonly PlanLine[] {
  const text = readFileSync(new URL("../../testdata/plan.md", import.meta.url), "utf8").replaceAll(
    /```[\s\S]*?```/g,
    "",
  );
  const lines = text.split("\n");
  let [phase, section] = ["", ""];
  const found: PlanLine[] = [];
  lines.forEach((line, index) => {
    const heading = /^(##|###) (.+)$/.exec(line);
    if (heading?.[1] === "##") phase = heading[2] ?? "";
    if (heading?.[1] === "###") section = heading[2] ?? "";
    const item = /^( *)- (?:\[ \] )?(.+?) *$/.exec(line);
    if (item === null || (item[1] === "" && lines[index + 1]?.startsWith("  - "))) return;
    found.push({ phase, section, line: item[2] ?? "" });
  });
  return found;
}

test("every line of the plan is exactly one control, in the plan's order and words", () => {
  expect(controls.map((control) => control.plan)).toEqual(linesOfPlan());
});

test("there are 51 measures, 15 tasks, 5 indicators and 5 thresholds", () => {
  const count = (kind: string) => controls.filter((control) => control.kind === kind).length;
  expect([count("measure"), count("task"), count("indicator"), count("threshold"), controls.length]).toEqual([
    51, 15, 5, 5, 76,
  ]);
});

test("ids and sentences are unique, sentences are sentences, and an id finds its control", () => {
  expect(new Set(controls.map((control) => control.id)).size).toBe(controls.length);
  expect(new Set(controls.map((control) => control.sentence)).size).toBe(controls.length);
  for (const control of controls) {
    expect(control.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(control.sentence).toMatch(/^[A-Z].{30,}\.$/);
    expect(controlById(control.id)).toBe(control);
  }
  expect(controlById("constructor")).toBeUndefined();
});

test("every control has a layer, requirements of at least NIST, CSF, ISO and SOC 2, and an interval", () => {
  for (const { id, layers: own, maps, intervalSeconds, checks } of controls) {
    expect(own.length, id).toBeGreaterThan(0);
    expect(layers).toEqual(expect.arrayContaining([...own]));
    for (const framework of ["nist", "csf", "iso", "soc2"] as const)
      expect(maps[framework].length, id).toBeGreaterThan(0);
    expect(maps.asvs.every((requirement) => /^V\d+\.\d+\.\d+$/.test(requirement))).toBe(true);
    expect(intervalSeconds).toBeGreaterThanOrEqual(86_400);
    expect(new Set(checks).size).toBe(checks.length);
    expect(
      checks.every((check) => /^[A-Z]{2,3}-\d{2}$|^[a-z]+(-[a-z]+)+$/.test(check)),
      id,
    ).toBe(true);
  }
});

test("the outside requirements are 61 subjects, each of them well-formed", () => {
  expect(Object.keys(requirementsBySubject)).toHaveLength(61);
  for (const { nist, csf, iso, soc2 } of Object.values(requirementsBySubject)) {
    expect(nist.every((id) => /^[A-Z]{2}-\d+(\(\d+\))?$/.test(id))).toBe(true);
    expect(csf.every((id) => /^[A-Z]{2}\.[A-Z]{2}-\d{2}$/.test(id))).toBe(true);
    expect(iso.every((id) => /^A\.[5-8]\.\d+$/.test(id))).toBe(true);
    expect(soc2.every((id) => /^(CC|A|C|PI)\d\.\d$/.test(id))).toBe(true);
  }
});

test("the catalogue cannot be changed at run time", () => {
  expect(Object.isFrozen(controls) && Object.isFrozen(controls[0]?.maps.nist)).toBe(true);
});
