import { evaluate, type Row } from "@holdfast/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnFacts, plantingOrder } from "./canary-rows.ts";
import { DIVISION_BY_ZERO, INSUFFICIENT_PRIVILEGE, UNIQUE_VIOLATION } from "./database-session.ts";
import { ANONYMOUS, type Attacker } from "./people.ts";
import { succeeded, tableCells } from "./table-matrix.ts";
import { toyPolicy } from "./testing/toy-edge.ts";

const ids = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"] as const;
const person = (id: string, roles: readonly string[], assurance: "aal1" | "aal2" = "aal1"): Attacker => ({
  name: id,
  subject: { id, kind: "person", roles, assurance, sessionId: null },
  claims: {},
});
const attackers = [ANONYMOUS, person(ids[0], ["reader"]), person(ids[1], ["admin"]), person(ids[1], ["admin"], "aal2")];
const rows = fc.array(
  fc.record({ id: fc.uuid(), owner_id: fc.constantFrom(...ids), status: fc.constantFrom("open", "closed") }),
  { maxLength: 6 },
);

describe("the matrix of tables, actions and subjects", () => {
  test("has four cells for every row and attacker, and each says what evaluate says", () => {
    fc.assert(
      fc.property(rows, (notes: readonly Row[]) => {
        const cells = tableCells(toyPolicy, attackers, { tables: { notes } }, 0);
        expect(cells).toHaveLength(notes.length * attackers.length * 4);
        for (const { action, attacker, row, allowed } of cells) {
          const resource = action === "insert" ? { newRow: row } : action === "update" ? { row, newRow: row } : { row };
          const decision = evaluate(
            toyPolicy,
            attacker.subject,
            { kind: "table", table: "notes", operation: action },
            resource,
            { now: 0, tables: { notes } },
          );
          expect(allowed).toBe(decision.allowed);
        }
      }),
    );
  });

  test("takes back every change it makes, and writes only columns that a client may write", () => {
    const row = { id: ids[0], owner_id: ids[0], status: "open" };
    for (const { action, text } of tableCells(toyPolicy, attackers, { tables: { notes: [row] } }, 0)) {
      if (action !== "select") expect(text).toContain("returning 1 / (pg_catalog.random() * 0)::integer");
      if (action === "insert") expect(text).toContain('("owner_id", "status")');
    }
  });

  test("knows a success from a refusal", () => {
    const [select, insert] = tableCells(
      toyPolicy,
      [ANONYMOUS],
      { tables: { notes: [{ id: ids[0], owner_id: ids[0], status: "open" }] } },
      0,
    );
    if (!select || !insert) throw new Error("a row has four cells");
    const error = (sqlstate: string) => ({ kind: "error", sqlstate, message: "" }) as const;
    const found = (rowCount: number) => ({ kind: "rows", rowCount, rows: [] }) as const;
    expect([found(1), found(0), error(INSUFFICIENT_PRIVILEGE)].map((outcome) => succeeded(select, outcome))).toEqual([
      true,
      false,
      false,
    ]);
    const outcomes = [error(DIVISION_BY_ZERO), error(UNIQUE_VIOLATION), error(INSUFFICIENT_PRIVILEGE), found(0)];
    expect(outcomes.map((outcome) => succeeded(insert, outcome))).toEqual([true, true, false, false]);
  });
});

describe("canary rows", () => {
  test("are planted parents first, also when tables point at each other in a circle", () => {
    const key = (table: string, references: string) => ({ table, column: "x", references });
    expect(plantingOrder(["shares", "content", "teams"], [key("shares", "content"), key("content", "teams")])).toEqual([
      "teams",
      "content",
      "shares",
    ]);
    expect(plantingOrder(["a", "b"], [key("a", "b"), key("b", "a"), key("a", "a"), key("a", "people")]).sort()).toEqual(
      ["a", "b"],
    );
  });

  test("are mixed by what the policy's conditions say about a column", () => {
    const { people, constants, times } = columnFacts(toyPolicy, "notes");
    expect([...people]).toEqual(["owner_id"]);
    expect([...constants]).toEqual([["status", ["open"]]]);
    expect([...times]).toEqual([]);
  });
});
