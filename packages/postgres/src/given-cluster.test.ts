import { createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectGiven } from "./given-cluster.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { settingsAt } from "./testing/test-cluster.ts";

const address = inject("holdfastCluster");
const socket = encodeURIComponent(address.host);
const url = (user: string, password: string, database: string): string =>
  `postgres://${user}:${encodeURIComponent(password)}@/${database}?host=${socket}`.replace("@/", "@localhost/");
const administrator = (database = "postgres"): string => url("holdfast_administrator", address.password, database);
let client: pg.Client;

beforeAll(async () => {
  client = new pg.Client(settingsAt(address, "postgres"));
  await client.connect();
  await client.query(
    "create role given_weak login password 'weak'; create role given_strong login createrole createdb bypassrls password 'strong'",
  );
});
afterAll(async () => {
  await client.query("drop role given_weak");
  await client.end();
});

const failure = (promise: Promise<unknown>): Promise<{ code: string; message: string; found: string }> =>
  promise.then(
    () => ({ code: "no error", message: "", found: "" }),
    (error: { code: string; message: string; found: string }) => error,
  );

test("a given server is checked and used, and not stopped", async () => {
  const cluster = await connectGiven(administrator());
  expect(cluster).toMatchObject({ kind: "given", database: "postgres", version: expect.stringMatching(/^18\./) });
  await cluster.stop();
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("a URL that is none is refused without its password", async () => {
  const wrong = [
    "",
    "nonsense secret-word",
    "mysql://u:secret-word@h/d",
    "postgres://u:secret-word@h",
    "postgres://:secret-word@h/d",
    "postgres://u@h/d",
    "postgres://u:secret-word%@h/d",
    "postgres://u:secret-word@h:0/d",
    "postgres://u:secret-word@h/d?sslmode=maybe",
    "postgres://u:secret-word@h/d?options=-c",
    "postgres://u:secret-word@h/d?sslrootcert=/no/such/file",
  ];
  for (const text of wrong) {
    const error = await failure(connectGiven(text));
    expect(error.code, text).toBe("cluster/url-invalid");
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("secret-word");
  }
});

test("a wrong password, database or address are told apart", async () => {
  const wrongPassword = await failure(connectGiven(url("holdfast_administrator", "wrong-word", "postgres")));
  expect(wrongPassword.code).toBe("cluster/password-refused");
  expect(wrongPassword.message).not.toContain("wrong-word");
  expect((await failure(connectGiven(administrator("nowhere")))).code).toBe("cluster/database-missing");
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  expect((await failure(connectGiven(`postgres://u:p@127.0.0.1:${port}/d`))).code).toBe("cluster/unreachable");
});

test("beyond this machine only verified TLS is spoken, and a server without TLS is told as one", async () => {
  for (const mode of ["disable", "require"]) {
    expect((await failure(connectGiven(`postgres://u:p@db.example.com/d?sslmode=${mode}`))).code).toBe(
      "cluster/transport-insecure",
    );
  }
  for (const host of ["127.example.com", "localhost.example.com"]) {
    expect((await failure(connectGiven(`postgres://u:p@${host}/d?sslmode=disable`))).code).toBe(
      "cluster/transport-insecure",
    );
  }
  const plain = createServer((connection) => connection.once("data", () => connection.end("N"))); // "N": no TLS here.
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as { port: number };
  expect((await failure(connectGiven(`postgres://u:p@127.0.0.1:${port}/d?sslmode=verify-full`))).code).toBe(
    "cluster/transport-insecure",
  );
  plain.close();
});

test("a server that is too old is refused", async () => {
  const { refuseOldVersion } = await import("./server-version.ts");
  expect(() => refuseOldVersion("140012", "14.12")).toThrow(
    expect.objectContaining({ code: "cluster/version-too-old" }),
  );
  expect(() => refuseOldVersion("x", "x")).toThrow(expect.objectContaining({ code: "cluster/version-too-old" }));
  expect(() => refuseOldVersion("150000", "15.0")).not.toThrow();
});

test("a user without the rights is told which, and one with them but no superuser can prepare a database", async () => {
  expect(await failure(connectGiven(url("given_weak", "weak", "postgres")))).toMatchObject({
    code: "cluster/rights-missing",
    found: "no CREATEROLE, no CREATEDB, no BYPASSRLS",
  });
  expect((await connectGiven(url("given_strong", "strong", "postgres"))).kind).toBe("given");
});

test("a database name that could be anything else is refused", async () => {
  const cluster = await connectGiven(administrator());
  const secrets = async (name: string): Promise<string> => `${name}-${"x".repeat(32)}`;
  for (const database of ["", "A", "a b", 'x"; drop', "1a"]) {
    expect((await failure(prepareDatabase(cluster, { database, secrets, migrationSets: [] }))).code).toBe(
      "cluster/database-missing",
    );
  }
});
