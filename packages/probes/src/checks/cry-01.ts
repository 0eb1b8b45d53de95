import { connect as connectPlain } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { EventTrace } from "../event-watch.ts";
import { shakeHands } from "../raw-connection.ts";
import { edgeAddress } from "../target.ts";

const PLAIN_TIMEOUT_MS = 2_000;
/** OpenSSL 3 offers old protocols only when told that security does not matter. */
const WEAK = "ALL:@SECLEVEL=0";

export const cry01: Check = {
  ...fromAttackList("CRY-01"),
  title: "The edge speaks an old TLS version, a weak cipher suite, or plain HTTP.",
  kind: "attack",
  layers: ["edge", "mesh"],
  events: ["edge.malformed-refused"],
  company: "together",
  sabotage: {
    name: "old-tls",
    sentence: "The edge accepts TLS 1.0 and every cipher suite.",
    hole: { kind: "twin", oldTls: true },
  },
  run: async (session) => {
    const { target } = session;
    const servername = new URL(target.origin).hostname;
    const edge = { ...edgeAddress(target), ca: target.authorityPem, servername };
    const sound = await shakeHands(edge);
    session.require(
      sound.accepted && ["TLSv1.2", "TLSv1.3"].includes(sound.protocol ?? ""),
      "the edge speaks TLS 1.2 or 1.3",
    );
    const attempts: [string, ConnectionOptions][] = [
      ["TLS 1.0", { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: WEAK }],
      ["TLS 1.1", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: WEAK }],
      [
        "a suite with CBC",
        {
          maxVersion: "TLSv1.2",
          ciphers: "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:AES128-SHA:@SECLEVEL=0",
        },
      ],
      [
        "a suite without forward secrecy",
        { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL=0" },
      ],
      ["a suite without authentication or encryption", { maxVersion: "TLSv1.2", ciphers: "aNULL:eNULL:@SECLEVEL=0" }],
    ];
    for (const [name, options] of attempts) {
      const handshake = await attempt({ ...edge, ...options });
      session.judge({
        request: `offer ${name}`,
        expected: "no connection",
        got: handshake.got,
        held: handshake.got.startsWith("refused"),
        ...(handshake.trace === null ? {} : { event: { ...handshake.trace, name: "edge.malformed-refused" } }),
      });
    }
    const plain = await plainAnswer(edge.host, edge.port);
    session.judge({
      request: "plain HTTP on the TLS port",
      expected: "no HTTP answer other than 400",
      got: plain || "closed",
      held: plain === "" || plain.startsWith("HTTP/1.1 400"),
    });
    return await session.conclude("The edge speaks TLS 1.2 and later with modern suites only.");
  },
};

async function attempt(options: ConnectionOptions): Promise<{ got: string; trace: EventTrace | null }> {
  try {
    const { accepted, protocol, cipher, failure, trace } = await shakeHands(options);
    return { got: accepted ? `${protocol} with ${cipher}` : `refused (${failure})`, trace };
  } catch (error) {
    // This build of OpenSSL cannot even offer it, so the server was not asked; a peer that can would be refused by the floor.
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return { got: `refused (cannot be offered: ${code})`, trace: null };
  }
}

function plainAnswer(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connectPlain(port, host, () =>
      socket.write("GET /auth/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    const timer = setTimeout(() => socket.destroy(), PLAIN_TIMEOUT_MS);
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    // A reset is an answer: the port does not speak plain HTTP.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text.split("\r\n")[0]?.startsWith("HTTP/") ? (text.split("\r\n")[0] ?? "") : "");
    });
  });
}
