import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChainRow, continueChain, EMPTY_HEAD, linkHash, verifyChain } from "./chain.ts";

const bodyOf = (text: string) => (seq: number) => JSON.stringify({ seq, text });
const sequenceOf = (body: string) => (JSON.parse(body) as { seq: number }).seq;
const chainOf = (...texts: string[]) => continueChain(EMPTY_HEAD, texts.map(bodyOf));

async function* pagesOf(rows: readonly ChainRow[]) {
  yield rows;
}

const verify = (rows: readonly ChainRow[], sealed = headOf(chainOf("a", "b", "c", "d"))) =>
  verifyChain(pagesOf(rows), sealed, sequenceOf);

function headOf(rows: readonly ChainRow[]) {
  const last = rows.at(-1);
  return last === undefined ? EMPTY_HEAD : { seq: last.seq, hash: last.hash };
}

describe("a hash chain", () => {
  const rows = chainOf("a", "b", "c", "d");

  test("an untouched chain is intact, and so is one with records after its sealed head", async () => {
    expect(await verify(rows)).toMatchObject({ intact: true, verified: 4, fault: null });
    expect(await verify(rows, headOf(rows.slice(0, 2)))).toMatchObject({ intact: true, verified: 4 });
  });

  test("an edited record is named", async () => {
    const edited = rows.map((row) => (row.seq === 3 ? { ...row, body: bodyOf("C")(3) } : row));
    expect((await verify(edited)).fault).toMatchObject({ seq: 3, kind: "edited" });
  });

  test("an edited record whose own hash was made to fit breaks the link of the next", async () => {
    const body = bodyOf("B")(2);
    const edited = rows.map((row) => (row.seq === 2 ? { ...row, body, hash: linkHash(row.previousHash, body) } : row));
    expect((await verify(edited)).fault).toMatchObject({ seq: 3, kind: "broken-link" });
  });

  test("a deleted record is named", async () => {
    expect((await verify(rows.filter((row) => row.seq !== 2))).fault).toMatchObject({ seq: 2, kind: "missing" });
    expect((await verify(rows.slice(1))).fault).toMatchObject({ seq: 1, kind: "missing" });
  });

  test("two records that changed places are named", async () => {
    const [a, b, c, d] = rows as [ChainRow, ChainRow, ChainRow, ChainRow];
    const swapped = [a, { ...c, seq: 2 }, { ...b, seq: 3 }, d];
    expect((await verify(swapped)).fault).toMatchObject({ seq: 2, kind: "broken-link" });
  });

  test("a cut end is found by the sealed head", async () => {
    expect((await verify(rows.slice(0, 2))).fault).toMatchObject({ seq: 3, kind: "truncated" });
    expect((await verify([])).fault).toMatchObject({ seq: 1, kind: "truncated" });
  });

  test("a chain that was computed anew is found by the sealed head", async () => {
    expect((await verify(chainOf("a", "B", "c", "d"))).fault).toMatchObject({ seq: 4, kind: "rewritten" });
    expect((await verify(chainOf("a", "B", "c", "d", "e"))).fault).toMatchObject({ seq: 4, kind: "rewritten" });
  });

  test("a log with records but without a readable head is not intact; an empty one is", async () => {
    expect((await verifyChain(pagesOf(rows), null, sequenceOf)).fault).toMatchObject({ kind: "head-unreadable" });
    expect((await verifyChain(pagesOf([]), null, sequenceOf)).intact).toBe(true);
  });

  test("no single change to any field of any record goes unnoticed", async () => {
    const long = chainOf("a", "b", "c", "d", "e", "f");
    const field = fc.constantFrom("body", "hash", "previousHash", "seq");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 5 }), field, async (at, name) => {
        const changed = long.map((row, index) => {
          if (index !== at) return row;
          return name === "seq" ? { ...row, seq: row.seq + 7 } : { ...row, [name]: `${row[name as "body"]} ` };
        });
        expect((await verify(changed, headOf(long))).intact).toBe(false);
      }),
    );
  });
});
