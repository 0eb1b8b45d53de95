// What checks of mailed links and codes share. They read them where a deployment keeps its messages instead of sending them; where
// it sends mail nobody can, and the check is unproven.
import type { Answer } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

interface Mail {
  readonly to: { readonly address: string };
  readonly kind: string;
  readonly link?: string;
  readonly code?: string;
}

const OK = 200;
const FORM = { "content-type": "application/x-www-form-urlencoded" } as const;

/** The newest link of this kind to the address. @throws ProbeError `probes/nothing-to-attack`, `probes/positive-failed` */
export async function mailedLink(session: ProbeSession, address: string, kind: string): Promise<URL> {
  const link = (await newestMail(session, address, kind))?.link;
  session.require(link !== undefined, `a link of kind ${kind} was mailed`);
  const url = new URL(link ?? "");
  session.redaction.hide(url.searchParams.get("token") ?? "", "mailed-token");
  return url;
}

/** Asks for a mail that recovers an account, and returns its digits. @throws ProbeError as above */
export async function recoveryDigits(session: ProbeSession, email: string): Promise<string> {
  await recoveryLink(session, email);
  const { code } = (await newestMail(session, email, "recover")) ?? {};
  session.require(code !== undefined, "digits were mailed");
  session.redaction.hide(code ?? "", "mailed-code");
  return code ?? "";
}

async function newestMail(session: ProbeSession, address: string, kind: string): Promise<Mail | undefined> {
  const bearer = session.target.serviceKey;
  const asked = { method: "GET", path: "/platform/v1/inbox?limit=500", bearer } as const;
  const answer = await session.positive("the service key reads the inbox", asked, OK);
  const { delivers, messages } = answer.json as { readonly delivers: string; readonly messages: readonly Mail[] };
  if (delivers !== "inbox") {
    throw new ProbeError(
      "probes/nothing-to-attack",
      "The deployment sends its mail, which the prover cannot read.",
      "The proving ground keeps it; there the same code is attacked.",
    );
  }
  return messages.find((mail) => mail.to.address === address && mail.kind === kind);
}

/** Asks for a mail that recovers an account, and returns its link. */
export async function recoveryLink(
  session: ProbeSession,
  email: string,
  more: { readonly query?: string; readonly headers?: Readonly<Record<string, string>>; readonly bearer?: string } = {},
): Promise<URL> {
  await session.positive(
    "a mail that recovers an account can be asked for",
    {
      method: "POST",
      path: `/auth/v1/recover${more.query ?? ""}`,
      body: { email },
      headers: more.headers ?? {},
      ...(more.bearer === undefined ? {} : { bearer: more.bearer }),
    },
    OK,
  );
  return await mailedLink(session, email, "recover");
}

/** Redeems the token of a link as a program does. */
export function redeem(session: ProbeSession, link: URL): Promise<Answer> {
  const { searchParams } = link;
  const body = { type: searchParams.get("type"), token_hash: searchParams.get("token") };
  return session.ask({ method: "POST", path: "/auth/v1/verify", body });
}

/** Opens a link, as a browser and every program that looks at mail do. */
export const look = (session: ProbeSession, link: URL): Promise<Answer> =>
  session.ask({ method: "GET", path: `${link.pathname}${link.search}`, headers: { accept: "text/html" } });

/** Presses the button on the page behind a link. */
export async function press(session: ProbeSession, link: URL): Promise<Answer> {
  const { searchParams } = link;
  const body = new URLSearchParams({
    type: searchParams.get("type") ?? "",
    token: searchParams.get("token") ?? "",
  }).toString();
  const answer = await session.ask({ method: "POST", path: "/auth/v1/verify/confirm", headers: FORM, body });
  for (const name of ["access_token", "refresh_token"]) {
    const token = fragmentOf(answer).get(name);
    if (token !== null) session.redaction.hide(token, name.replace("_", "-"));
  }
  return answer;
}

/** What the redirect of an answer says behind its `#`. */
export const fragmentOf = (answer: Answer): URLSearchParams =>
  new URLSearchParams(URL.parse(String(answer.headers.location ?? ""))?.hash.slice(1) ?? "");
