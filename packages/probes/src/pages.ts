// The pages of the policy's sites as full paths, with who may open them.
import { randomUUID } from "node:crypto";
import { type Decision, evaluate, type Policy, type Subject } from "@holdfast/policy";
import { sameOrigin } from "./browser-mode.ts";
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";

export interface PageCell {
  readonly site: string;
  readonly page: string;
  /** Concrete full path. */
  readonly path: string;
  /** Full paths of the site's pages for those who are refused. */
  readonly signIn: string;
  readonly unauthorized: string;
  readonly decision: Decision;
}

/** Every page of every site, with the decision for a subject. */
export function pageCells(policy: Policy, subject: Subject, now: number): PageCell[] {
  return Object.entries(policy.sites).flatMap(([site, { pages, signIn, unauthorized }]) =>
    Object.keys(pages).map((page) => ({
      site,
      page,
      path: page.replace(/:[A-Za-z0-9_]+/gu, () => randomUUID()),
      signIn,
      unauthorized,
      decision: evaluate(policy, subject, { kind: "page", site, page }, {}, { now }),
    })),
  );
}

/** Opens a page as a browser's address bar does. */
export function openPage(session: ProbeSession, path: string, cookie?: string): Promise<Answer> {
  return session.ask({
    method: "GET",
    path,
    headers: {
      accept: "text/html,application/xhtml+xml",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
      "sec-fetch-site": cookie === undefined ? "none" : (sameOrigin(session)["sec-fetch-site"] ?? "none"),
      ...(cookie === undefined ? {} : { cookie }),
    },
  });
}

/** A page that anyone may open, for checks that need HTML; undefined when the policy has none. */
export function openToAnyone(policy: Policy, anonymous: Subject): PageCell | undefined {
  return pageCells(policy, anonymous, Date.now()).find(({ decision }) => decision.allowed);
}

/** One header of an answer as text; "" when absent. */
export function headerOf(answer: Answer, name: string): string {
  return [answer.headers[name] ?? ""].flat().join(", ");
}
