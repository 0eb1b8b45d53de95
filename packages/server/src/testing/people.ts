// People who use a running platform: they sign up, sign in and prove a second factor as their programs would.
import { createHmac } from "node:crypto";
import type { Platform } from "../assembly/start-platform.ts";
import { type Answer, send } from "./running-platform.ts";

export const PASSWORD = "correct-horse-battery-9";

async function signUp(platform: Platform, email: string): Promise<void> {
  const answer = await send(platform, "POST /auth/v1/signup", { body: { email, password: PASSWORD } });
  if (answer.status !== 200) throw new Error(`Sign-up answered ${answer.status}: ${answer.text}`);
  const { error_code: refused } = (await trySignIn(platform, email, PASSWORD)).json;
  if (refused === "email_not_confirmed") await confirm(platform, email);
}

const INBOX_LOOKS_MAX = 50;
const INBOX_INTERVAL_MS = 50;

/** With the code of the message, which goes out after the answer to whoever signed up. */
async function confirm(platform: Platform, email: string): Promise<void> {
  const token = await platform.operatorKey();
  for (let look = 0; look < INBOX_LOOKS_MAX; look += 1) {
    const { messages } = (await send(platform, "GET /platform/v1/inbox", { token })).json;
    const { code } = messages.find((message: { to: { address: string } }) => message.to.address === email) ?? {};
    if (code !== undefined) {
      await send(platform, "POST /auth/v1/verify", { body: { type: "signup", email, token: code } });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, INBOX_INTERVAL_MS));
  }
  throw new Error(`a message with a code was expected for ${email}`);
}

export function trySignIn(platform: Platform, email: string, password: string): Promise<Answer> {
  return send(platform, "POST /auth/v1/token?grant_type=password", { body: { email, password } });
}

/** An access token of aal1. */
export async function signIn(platform: Platform, email: string, password = PASSWORD): Promise<string> {
  const answer = await trySignIn(platform, email, password);
  if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}: ${answer.text}`);
  return answer.json.access_token as string;
}

/** A new reader's access token. */
export async function reader(platform: Platform, email = "ada@example.com"): Promise<string> {
  await signUp(platform, email);
  return signIn(platform, email);
}

export interface SignedInAdministrator {
  readonly email: string;
  /** aal1: before the second factor. */
  readonly weakToken: string;
  /** aal2. */
  readonly token: string;
}

/** The first administrator, with a second factor set up and proven. */
export async function administrator(platform: Platform, now = Date.now()): Promise<SignedInAdministrator> {
  const made = await platform.ensureAdministrator();
  if (made === null) throw new Error("There is an administrator already.");
  const weakToken = await signIn(platform, made.email, made.password);
  const post = async (path: string, body: object): Promise<Answer["json"]> => {
    const answer = await send(platform, `POST /auth/v1${path}`, { token: weakToken, body });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer.json;
  };
  const factor = await post("/factors", { factor_type: "totp", friendly_name: "phone" });
  const challenge = await post(`/factors/${factor.id}/challenge`, {});
  const code = timeCode(factor.totp.secret, now);
  const verified = await post(`/factors/${factor.id}/verify`, { challenge_id: challenge.id, code });
  return { email: made.email, weakToken, token: verified.access_token as string };
}

/** RFC 6238 with the usual 30 s, 6 digits and SHA-1. */
function timeCode(secret: string, now: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
