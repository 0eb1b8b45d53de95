// A service that knows leaked passwords, as far as a check has told it some: the range protocol of Have I Been Pwned on loopback.
import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Target } from "@holdfast/probes";

type Breaches = NonNullable<Target["practiceBreaches"]>;
type Held = Parameters<Breaches["hold"]>[1];

export interface PracticeBreachService {
  readonly breaches: Breaches;
  /** What a policy would call `breachRange`. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const PREFIX_CHARACTERS = 5;
const OK = 200;
const UNAVAILABLE = 503;
/** Padding: a line that was seen nowhere. */
const PADDING = `${"0".repeat(35)}:0`;

export async function startPracticeBreaches(): Promise<PracticeBreachService> {
  const held = new Map<string, { readonly rest: string; readonly as: Held }>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(response, held.get((request.url ?? "").split("/").at(-1) ?? ""));
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/range`,
    breaches: {
      hold(password, as) {
        const digest = createHash("sha1").update(password.normalize("NFKC"), "utf8").digest("hex").toUpperCase();
        held.set(digest.slice(0, PREFIX_CHARACTERS), { rest: digest.slice(PREFIX_CHARACTERS), as });
      },
      asked: () => [...asked],
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, known: { readonly rest: string; readonly as: Held } | undefined): void {
  const text =
    known?.as === "garbled" ? "everything is fine" : [PADDING, ...(known ? [`${known.rest}:42`] : [])].join("\r\n");
  response.writeHead(known?.as === "silent" ? UNAVAILABLE : OK, { "content-type": "text/plain" }).end(text);
}
