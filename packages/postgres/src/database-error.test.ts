import { expect, test } from "vitest";
import { databaseError } from "./database-error.ts";

const thrown = (fields: Readonly<Record<string, string>>): Error => Object.assign(new Error("thrown"), fields);

test("what never came from the server is a lost connection, also where its code looks like an SQLSTATE", () => {
  for (const code of ["EPIPE", "EPERM", "EBADF", "ECONNRESET"]) {
    expect(databaseError(thrown({ code })), code).toMatchObject({ code: "database/unavailable", place: {} });
  }
});

test("what ends the connection makes the database unavailable; another unknown error of the server is a failure", () => {
  expect(databaseError(thrown({ code: "XX000", severity: "FATAL" })).code).toBe("database/unavailable");
  const failed = databaseError(thrown({ code: "XX000", severity: "ERROR" }));
  expect(failed).toMatchObject({ code: "database/failed", sqlState: "XX000" });
});
