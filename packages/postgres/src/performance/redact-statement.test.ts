import { describe, expect, test } from "vitest";
import { redactStatement, STATEMENT_CHARACTERS_MAX } from "./redact-statement.ts";

const CANARY = "canary4711";

describe("a statement without its values", () => {
  test.each([
    ["a text", `select * from t where a = '${CANARY}'`, "select * from t where a = ?"],
    ["a quote inside", `select 'it''s ${CANARY}' from t`, "select ? from t"],
    ["an escape text", String.raw`select E'\'${CANARY}' as a`, "select ? as a"],
    ["a bit text", `select X'1F', b'01', N'${CANARY}', U&'${CANARY}'`, "select ?, ?, ?, ?"],
    ["continued texts", `select 'a'\n  '${CANARY}'`, "select ?"],
    ["a dollar quote", `do $x$ begin perform '${CANARY}'; end $x$`, "do ?"],
    ["a dollar quote inside another", `select $a$ $b$ ${CANARY} $b$ $a$ from t`, "select ? from t"],
    ["numbers", "select 4711, 1_000, 0x1F, 4.7e-11, .5 from t2", "select ?, ?, ?, ?, ? from t2"],
    ["a number with letters behind", "select 4711abc", "select ?"],
    ["comments, nested ones too", `select a /* ${CANARY} /* x */ ${CANARY} */ -- ${CANARY}\nfrom t`, "select a from t"],
    ["a text that was cut off", `select * from t where a = '${CANARY}`, "select * from t where a = ?"],
    ["a dollar quote that was cut off", `select $x$ ${CANARY}`, "select ?"],
    ["a comment that was cut off", `select a /* ${CANARY}`, "select a"],
    ["a name with escapes", String.raw`select U&"\0061${CANARY}" from t`, "select ? from t"],
  ])("%s is gone", (_, text, expected) => {
    expect(redactStatement(text)).toBe(expected);
    expect(redactStatement(text)).not.toContain("4711");
  });

  test("where a backslash makes it depend on a setting, everything behind is cut off", () => {
    expect(redactStatement(String.raw`select '\', '${CANARY}' from t`)).toBe("select …");
  });

  test("a name that does not end is cut off", () => {
    expect(redactStatement(`select 1 as "${CANARY}`)).toBe("select ? as …");
  });

  test("names, parameters and operators stay", () => {
    const text = `update "My table" set a1 = $1 where b_2 >= $2 and c::text ~~ $3`;
    expect(redactStatement(text)).toBe(text);
  });

  test("a long one is cut", () => {
    expect(redactStatement(`select ${"a, ".repeat(2_000)}`).length).toBe(STATEMENT_CHARACTERS_MAX + 1);
  });
});
