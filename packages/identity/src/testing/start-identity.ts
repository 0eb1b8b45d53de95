// Identity for tests: real PostgreSQL, real HTTP, a clock that stands still until it is moved, and the events it emitted.
import { randomUUID } from "node:crypto";
import { defineSecurity, type Policy, type SecurityEvent } from "@holdfast/policy";
import { testDatabase } from "@holdfast/postgres/testing";
import { GoTrueClient } from "@supabase/auth-js";
import { codeAt } from "../factor/totp.ts";
import { createIdentity, type Identity, type IdentityOptions } from "../identity.ts";
import { openSigningKeys, type SigningKeys } from "../key/signing-keys.ts";
import { createInbox, type Received } from "../message/inbox.ts";
import type { MessageKind } from "../message/message.ts";
import { identityMigrations } from "../migrations.ts";

export const testPolicy: Policy = defineSecurity({
  application: { name: "content", origin: "https://localhost:8443" },
  roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
  identity: {
    signUp: "open",
    email: { confirm: false },
    defaultRoles: ["reader"],
    lockout: { attempts: 5, window: "15m" },
  },
  tables: {},
  services: {},
});

/** The same, where a sign-up counts only once its address is confirmed. */
export const confirmingPolicy: Policy = {
  ...testPolicy,
  identity: {
    ...testPolicy.identity,
    email: { ...testPolicy.identity.email, confirm: true },
    redirects: ["https://app.example/welcome"],
  },
};

/** Long, and on no list. */
export const goodPassword = "gravel-otter-lantern-47";
export const otherPassword = "quartz-violin-meadow-92";

/** Connections of a pool at most, unless it is told otherwise. */
const poolConnections = 10;
/** Each look is a round trip; far more than contenders need to arrive. */
const looksMax = 5000;

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface GuardedPerson extends Person {
  readonly factorId: string;
  readonly secret: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- the shape is what the test is about
  readonly body: any;
}

interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What of a client a test may choose. */
export interface ClientChoice {
  readonly flowType?: "implicit" | "pkce";
  readonly fetch?: typeof fetch;
  /** What auth-js calls experimental. */
  readonly experimental?: { readonly recoveryCodes: boolean };
}

export class TestIdentity {
  readonly events: SecurityEvent[] = [];
  readonly ended: { readonly ids: readonly string[]; readonly until: number }[] = [];
  /** What was mailed. */
  readonly inbox = createInbox({ now: () => this.time });
  /** Milliseconds since 1970. */
  time: number;
  identity!: Identity;
  keys!: SigningKeys;
  url = "";
  #database: Awaited<ReturnType<typeof testDatabase>> | undefined;
  #twins: Identity[] = [];
  #calls = 0;

  constructor() {
    // auth-js compares expiry with the wall clock, so the stopped clock stands at the present.
    this.time = Math.floor(Date.now() / 1000) * 1000;
  }

  async start(options: Partial<IdentityOptions> = {}): Promise<this> {
    this.#database = await testDatabase({ migrationSets: [identityMigrations] });
    this.keys = await testKeys();
    this.identity = await this.twin(options);
    this.url = await this.listen(this.identity);
    return this;
  }

  /** Another identity on the same database: a second instance, or one with a hole. */
  async twin(options: Partial<IdentityOptions> = {}): Promise<Identity> {
    if (this.#database === undefined) throw new Error("start() comes first");
    const twin = await createIdentity({
      policy: testPolicy,
      pool: this.#database.pool("holdfast_identity"),
      keys: this.keys,
      emit: (event) => this.events.push(event),
      now: () => this.time,
      origin: testPolicy.application.origin,
      messenger: this.inbox,
      onSessionEnded: (ids, until) => this.ended.push({ ids, until }),
      // What is asserted must not depend on when another twin looked.
      watchEveryMs: 0,
      ...options,
    });
    this.#twins.push(twin);
    return twin;
  }

  async listen(identity: Identity): Promise<string> {
    return await identity.app.listen({ port: 0, host: "127.0.0.1" });
  }

  /** How another process connects as the role. */
  settings(role: "holdfast_identity") {
    if (this.#database === undefined) throw new Error("start() comes first");
    return this.#database.settings(role);
  }

  administrator() {
    if (this.#database === undefined) throw new Error("start() comes first");
    return this.#database.administrator();
  }

  /**
   * Runs contenders for one row so that they truly meet: the row is locked until as many of them as the pool has connections
   * have looked at it and wait to change it. `change`, with the row's id as $1, is what whoever holds the row does to it.
   */
  async race<T>(
    table: "users" | "sessions" | "mfa_factors",
    id: string,
    contenders: readonly (() => Promise<T>)[],
    change?: string,
  ): Promise<readonly T[]> {
    const holder = await this.administrator();
    const watcher = await this.administrator();
    try {
      await holder.query("begin");
      await holder.query(`select from auth.${table} where id = $1 for update`, [id]);
      const running = Promise.all(contenders.map((contend) => contend()));
      const waiting = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and usename = 'holdfast_identity' and wait_event_type = 'Lock'`;
      let met = 0;
      for (let look = 0; look < looksMax && met < Math.min(contenders.length, poolConnections); look += 1) {
        met = (await watcher.query<{ n: number }>(waiting)).rows[0]?.n ?? 0;
      }
      if (change !== undefined) await holder.query(change, [id]);
      await holder.query("commit");
      const answers = await running;
      if (met < Math.min(contenders.length, poolConnections)) throw new Error(`Only ${met} contenders met.`);
      return answers;
    } finally {
      await holder.end();
      await watcher.end();
    }
  }

  pool(role: "holdfast_api" | "holdfast_identity") {
    if (this.#database === undefined) throw new Error("start() comes first");
    return this.#database.pool(role);
  }

  async stop(): Promise<void> {
    for (const twin of this.#twins) await twin.app.close();
    await this.#database?.drop();
  }

  /** Moves the clock. */
  pass(seconds: number): void {
    this.time += seconds * 1000;
  }

  async call(method: string, path: string, options: CallOptions = {}, url = this.url): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        "x-supabase-api-version": "2024-01-01",
        "x-holdfast-address": this.#freshAddress(),
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }

  /** Each call comes from an address of its own, so that limits per address act only where a test names one. */
  #freshAddress(): string {
    this.#calls += 1;
    return `10.${(this.#calls >> 16) & 255}.${(this.#calls >> 8) & 255}.${this.#calls & 255}`;
  }

  signIn(email: string, password = goodPassword, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call("POST", "/token?grant_type=password", { body: { email, password }, headers });
  }

  refresh(refreshToken: string): Promise<Answer> {
    return this.call("POST", "/token?grant_type=refresh_token", { body: { refresh_token: refreshToken } });
  }

  /** An account with a session. */
  async person(roles: readonly string[] = ["reader"]): Promise<Person> {
    const email = newEmail();
    const { id } = await this.identity.createAccount({ email, password: goodPassword, roles });
    const { body } = await this.signIn(email);
    return { id, email, accessToken: body.access_token, refreshToken: body.refresh_token };
  }

  async enrol(token: string, name = ""): Promise<{ readonly factorId: string; readonly secret: string }> {
    const body = { factor_type: "totp", friendly_name: name };
    const answer = await this.call("POST", "/factors", { token, body });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return { factorId: answer.body.id, secret: answer.body.totp.secret };
  }

  async challenge(token: string, factorId: string): Promise<string> {
    return (await this.call("POST", `/factors/${factorId}/challenge`, { token })).body.id;
  }

  verify(token: string, factorId: string, challengeId: string, code: string, url = this.url): Promise<Answer> {
    const body = { challenge_id: challengeId, code };
    return this.call("POST", `/factors/${factorId}/verify`, { token, body }, url);
  }

  /** An account with a verified factor and a session at aal2. */
  async guardedPerson(roles: readonly string[] = ["reader"]): Promise<GuardedPerson> {
    const person = await this.person(roles);
    const { factorId, secret } = await this.enrol(person.accessToken);
    const challengeId = await this.challenge(person.accessToken, factorId);
    const { body } = await this.verify(person.accessToken, factorId, challengeId, codeAt(secret, this.time));
    // The code of this step is spent: the next one needs the next step.
    this.pass(30);
    return { ...person, accessToken: body.access_token, refreshToken: body.refresh_token, factorId, secret };
  }

  /** Presses the button on the page behind a mailed link. Returns where it leads. */
  async follow(link: string, url = this.url): Promise<URL> {
    const { searchParams } = new URL(link);
    const body = new URLSearchParams({ type: searchParams.get("type") ?? "", token: searchParams.get("token") ?? "" });
    const response = await fetch(`${url}/verify/confirm`, { method: "POST", body, redirect: "manual" });
    if (response.status !== 303) throw new Error(`The form was answered with ${response.status}.`);
    return new URL(response.headers.get("location") ?? "");
  }

  /** The newest message to the address, of that kind if one is named. */
  mailTo(address: string, kind?: MessageKind): Received | undefined {
    return this.inbox.messages().find(({ to, kind: of }) => to.address === address && (kind ?? of) === of);
  }

  eventsNamed(name: SecurityEvent["name"]): readonly SecurityEvent[] {
    return this.events.filter((event) => event.name === name);
  }

  /** An unmodified auth-js client that keeps its session in memory. */
  client(headers: Record<string, string> = {}, more: ClientChoice = {}): GoTrueClient {
    return new GoTrueClient({
      url: this.url,
      autoRefreshToken: false,
      persistSession: false,
      detectSessionInUrl: false,
      headers,
      ...more,
    });
  }
}

export const newEmail = (): string => `p${randomUUID().slice(0, 13)}@example.test`;

export async function testKeys(): Promise<SigningKeys> {
  const kept = new Map<string, string>();
  return await openSigningKeys({
    replace: async (name, value) => void kept.set(name, value),
    secret: async (name, make) => {
      const secret = kept.get(name) ?? make();
      kept.set(name, secret);
      return secret;
    },
  });
}
