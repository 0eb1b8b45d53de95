// Messages that wait for another try outlive their process, and are sent by one of those that come after it.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Statements } from "../database.ts";
import type { IdentityOptions } from "../identity.ts";
import { newEmail, TestIdentity, testPolicy } from "../testing/start-identity.ts";
import { type Message, type Messenger, Undelivered } from "./message.ts";
import { createOutbox } from "./outbox.ts";
import { createOutboxStore } from "./outbox-store.ts";
import { writeMessage } from "./write-message.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(async () => {
  await rows("delete from auth.outbox");
});

async function rows<T extends object>(text: string): Promise<T[]> {
  const administrator = await room.administrator();
  try {
    return (await administrator.query<T>(text)).rows;
  } finally {
    await administrator.end();
  }
}

function statements(): Statements {
  const pool = room.pool("holdfast_identity");
  return { query: async (text, values) => (await pool.query(text, values)) as never };
}

/** A mail server that is away, or takes everything. */
function carrier() {
  const sent: { readonly id: string; readonly message: Message }[] = [];
  const state = { isAway: false, tries: [] as string[] };
  const messenger: Messenger = {
    carries: ["email"],
    async send(message, id) {
      state.tries.push(id);
      if (state.isAway) throw new Undelivered("unreachable", false);
      sent.push({ id, message });
    },
  };
  return { messenger, sent, state };
}

const start = async (options: Partial<IdentityOptions>) => {
  const identity = await room.twin(options);
  return { identity, url: await room.listen(identity) };
};
const ask = (url: string, email: string) => room.call("POST", "/recover", { body: { email } }, url);

test("what a mail server that is away did not take is sealed, survives the process, and is sent once by the next ones", async () => {
  const { email } = await room.person();
  const away = carrier();
  away.state.isAway = true;
  const before = await start({ messenger: away.messenger });
  await ask(before.url, email);
  await expect.poll(() => away.state.tries.length).toBe(1);
  await before.identity.app.close();
  const [kept, ...others] = await rows<{ id: string; sealed: Buffer }>("select id, sealed from auth.outbox");
  expect(others).toEqual([]);
  expect(kept?.id).toBe(away.state.tries[0]);
  for (const secret of [email, "token=", "recover"]) expect(kept?.sealed.includes(secret), secret).toBe(false);

  const after = [carrier(), carrier(), carrier()];
  await Promise.all(after.map(({ messenger }) => start({ messenger })));
  const sent = () => after.flatMap((each) => each.sent);
  await expect.poll(() => sent().length).toBe(1);
  await expect.poll(() => rows("select from auth.outbox")).toEqual([]);
  expect(sent()[0]).toMatchObject({ id: kept?.id, message: { to: { address: email }, kind: "recover" } });
  const link = sent()[0]?.message.link ?? "";
  expect(
    (
      await room.call("POST", "/verify", {
        body: { type: "recovery", token_hash: new URL(link).searchParams.get("token") },
      })
    ).status,
  ).toBe(200);
  expect(sent()).toHaveLength(1);
});

test("a process that died leaves its messages to another after a while, and does not send them when it comes back", async () => {
  const database = statements();
  const key = Buffer.alloc(32, 7);
  const outboxOf = (messenger: Messenger) => {
    const store = createOutboxStore({ database, key, now: () => room.time });
    const common = { onSent: () => undefined, onFailed: () => undefined, now: () => room.time };
    return createOutbox({ messenger, store, ...common, retryMs: [300] });
  };
  const [one, two] = [carrier(), carrier()];
  one.state.isAway = true;
  const to = { kind: "email", address: newEmail() } as const;
  const caller = { requestId: "r", correlation: undefined, address: "", userAgent: "", route: "POST /otp" };
  const died = outboxOf(one.messenger);
  const next = outboxOf(two.messenger);
  died.post(writeMessage(testPolicy, { to, kind: "sign-in", link: "https://a.example/" }), {
    caller,
    account: "label",
  });
  await expect.poll(() => rows("select from auth.outbox")).toHaveLength(1);
  await next.adopt();
  await next.settled();
  expect(two.sent, "the first one holds it still").toEqual([]);
  room.pass(120);
  await next.adopt();
  await next.settled();
  expect(two.sent).toHaveLength(1);
  one.state.isAway = false;
  await died.settled();
  await sleep(400);
  expect(one.sent, "somebody else sent it").toEqual([]);
});

test("a row that another key sealed, or that was copied onto another id, is never sent", async () => {
  const database = statements();
  const storeWith = (fill: number) =>
    createOutboxStore({ database, key: Buffer.alloc(32, fill), now: () => room.time });
  const message = writeMessage(testPolicy, { to: { kind: "email", address: newEmail() }, kind: "sign-in" });
  const caller = { requestId: "r", correlation: undefined, address: "", userAgent: "", route: "POST /otp" };
  const id = "6481a5c1-3d37-4a56-9f6a-bee08c554965";
  await storeWith(1).keep({ id, message, about: { caller, account: "label" }, failed: 1 }, 0);
  expect(await storeWith(2).adopt(10)).toEqual([]);
  room.pass(61);
  await rows("update auth.outbox set id = gen_random_uuid()");
  expect(await storeWith(1).adopt(10)).toEqual([]);
  room.pass(61);
  await rows(`update auth.outbox set id = '${id}'`);
  expect(await storeWith(1).adopt(10)).toMatchObject([{ id, failed: 1, message: { subject: message.subject } }]);
});

test("without a store what waits is lost at a stop, and each is told", async () => {
  const told: string[] = [];
  const away = carrier();
  away.state.isAway = true;
  const outbox = createOutbox({
    messenger: away.messenger,
    onSent: () => undefined,
    onFailed: (_message, _about, reason) => told.push(reason),
    now: Date.now,
    retryMs: [60_000],
  });
  const caller = { requestId: "r", correlation: undefined, address: "", userAgent: "", route: "POST /otp" };
  const to = { kind: "email", address: newEmail() } as const;
  outbox.post(writeMessage(testPolicy, { to, kind: "sign-in" }), { caller, account: "label" });
  await expect.poll(() => away.state.tries.length).toBe(1);
  await outbox.close();
  expect(told).toEqual(["stopped"]);
});
