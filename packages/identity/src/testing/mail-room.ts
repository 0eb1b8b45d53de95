// Identity whose addresses are confirmed by mail, and what a test reads in a mail and in where its link leads.
import type { MessageKind } from "../message/message.ts";
import { type Answer, confirmingPolicy, TestIdentity } from "./start-identity.ts";

export class MailRoom extends TestIdentity {
  async begin(): Promise<void> {
    await this.start({ policy: confirmingPolicy });
  }

  ask(path: string, body: object, url = this.url): Promise<Answer> {
    return this.call("POST", path, { body }, url);
  }

  /** What the newest mail to the address holds; a mail without a link fails the test. */
  mailed(email: string, kind?: MessageKind): { readonly link: string; readonly code: string; readonly token: string } {
    const { link, code } = this.mailTo(email, kind) ?? {};
    if (link === undefined || code === undefined) throw new Error(`No link was mailed to ${email}.`);
    return { link, code, token: new URL(link).searchParams.get("token") ?? "" };
  }
}

/** What stands behind the `#` of where a link led. */
export const fragmentOf = (at: URL): URLSearchParams => new URLSearchParams(at.hash.slice(1));
