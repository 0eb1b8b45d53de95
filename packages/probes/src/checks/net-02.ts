import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { PROBE_AGENT } from "../edge-client.ts";
import { sendRaw } from "../raw-connection.ts";
import { judgeRawRefusal } from "../raw-refusal.ts";
import { refusals } from "../refusals.ts";

const TIMEOUT_MS = 2_500;
const PATH = "/auth/v1/health";
const INNER = `GET /probe-smuggled HTTP/1.1\r\nX-Ignore: x`;

export const net02: Check = {
  ...fromAttackList("NET-02"),
  title: "Two readers see different requests in the same bytes (CL.TE, TE.CL, TE.TE, bare line feeds).",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.malformed-refused"],
  company: "together",
  sabotage: {
    name: "lenient-parser",
    sentence: "A proxy in front reads ambiguous framing leniently.",
    hole: { kind: "twin", lenientParser: true },
  },
  run: async (session) => {
    const { host } = new URL(session.target.origin);
    const head = (...lines: readonly string[]) =>
      [`POST ${PATH} HTTP/1.1`, `Host: ${host}`, `User-Agent: ${PROBE_AGENT}`, ...lines].join("\r\n");
    const sound = await sendRaw(session.target, `GET ${PATH} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, {
      timeoutMs: TIMEOUT_MS,
    });
    session.require(sound.statuses[0] === 200, "an ordinary request over a raw connection is answered");
    const chunked = `0\r\n\r\n${INNER}`;
    const attacks: [string, string][] = [
      ["CL.TE", `${head(`Content-Length: ${chunked.length}`, "Transfer-Encoding: chunked")}\r\n\r\n${chunked}`],
      ["TE.CL", `${head("Transfer-Encoding: chunked", "Content-Length: 4")}\r\n\r\n5c\r\n${INNER}\r\n0\r\n\r\n`],
      [
        "TE.TE, one spelled oddly",
        `${head("Transfer-Encoding: chunked", "Transfer-Encoding: xchunked")}\r\n\r\n${chunked}`,
      ],
      ["a space before the colon", `${head("Transfer-Encoding : chunked", "Content-Length: 3")}\r\n\r\nabc`],
      ["two lengths", `${head("Content-Length: 0", "Content-Length: 44")}\r\n\r\n${INNER}`],
      ["two equal lengths", `${head("Content-Length: 3", "Content-Length: 3")}\r\n\r\nabc`],
      ["a signed length", `${head("Content-Length: +3")}\r\n\r\nabc`],
      ["chunked, identity", `${head("Transfer-Encoding: chunked, identity")}\r\n\r\n${chunked}`],
      ["a folded header", `${head("Transfer-Encoding:\r\n chunked")}\r\n\r\n${chunked}`],
      ["bare line feeds", head("Content-Length: 0").replaceAll("\r\n", "\n") + "\n\n"],
      [
        "Transfer-Encoding in HTTP/1.0",
        `${head("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0")}\r\n\r\n${chunked}`,
      ],
      ["a body on GET", `${head("Content-Length: 3").replace("POST", "GET")}\r\n\r\nabc`],
      [
        "a chunk extension with a line feed",
        `${head("Content-Type: application/json", "Transfer-Encoding: chunked").replace(PATH, "/auth/v1/signup")}\r\n\r\n3;x\nabc\r\n0\r\n\r\n`,
      ],
    ];
    const answers = await Promise.all(
      attacks.map(
        async ([name, bytes]) =>
          [
            name,
            await sendRaw(session.target, bytes, {
              timeoutMs: TIMEOUT_MS,
              until: (text) => (text.match(/HTTP\/1\.1 \d/gu)?.length ?? 0) > 1,
            }),
          ] as const,
      ),
    );
    for (const [name, answer] of answers) judgeRawRefusal(session, name, answer, refusals.malformed);
    return await session.conclude(
      `${attacks.length} ambiguous requests were refused and recorded, and none hid a second one.`,
    );
  },
};
