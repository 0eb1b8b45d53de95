// better-auth in a process of its own, beside ours on the same PostgreSQL. It is no dependency of this repository: the benchmark
// installs it into its own folder, so its modules are found there and have no types here.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import type { Question, Ready } from "./question.ts";

const PASSWORD = "gravel-otter-lantern-47";
const PEOPLE = 64;
const folder = new URL("./better-auth/package.json", import.meta.url);
const resolve = createRequire(folder).resolve;
// oxlint-disable-next-line typescript/no-explicit-any -- a package without types here
const load = async (name: string): Promise<any> => await import(pathToFileURL(resolve(name)).href);

const settings = JSON.parse(process.argv[2] ?? "");
const { betterAuth } = await load("better-auth");
const { getMigrations } = await load("better-auth/db/migration");
const { toNodeHandler } = await load("better-auth/node");
const pg = await load("pg");
const options = {
  database: new (pg.Pool ?? pg.default.Pool)({ ...settings, max: 10 }),
  secret: "a secret of the benchmark that is long enough, 0123456789",
  baseURL: "http://127.0.0.1",
  trustedOrigins: ["http://127.0.0.1"],
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  // As our refresh does: the session's new time is written with each request that asks for one.
  ...(process.argv[3] === "refresh" ? { session: { updateAge: 0 } } : {}),
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);
const emails: string[] = [];
for (let person = 0; person < PEOPLE; person += 1) {
  const email = `${process.argv[3]}${person}@example.test`;
  await auth.api.signUpEmail({ body: { email, password: PASSWORD, name: email } });
  emails.push(email);
}
const server = createServer(toNodeHandler(auth));
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const ready: Ready = { port: (server.address() as AddressInfo).port, emails, password: PASSWORD };
process.on("message", (_question: Question) => {
  const { user, system } = process.cpuUsage();
  process.send?.({ usedUs: user + system });
});
process.on("disconnect", () => process.exit(0));
process.send?.(ready);
