import pg from "pg";
import type { Check } from "../check.ts";
import { databaseListener } from "../database-session.ts";
import { authenticationRequest, startImpostor } from "../database-wire.ts";
import { type ForgedCertificate, forgeAuthority } from "../forged-certificate.ts";
import type { ProbeSession } from "../session.ts";
import type { EnterDatabase, TargetDatabase } from "../target.ts";

const LOOPBACK = "127.0.0.1";
const AUTHENTICATION_WITHOUT_BINDING = authenticationRequest(10, "SCRAM-SHA-256\0\0");

/** What an impostor may ask for, and what a client must never say to it. */
const requests: readonly (readonly [string, Buffer])[] = [
  ["for the password itself", authenticationRequest(3)],
  ["for an MD5 of the password", authenticationRequest(5, "salt")],
  ["for nothing at all", authenticationRequest(0)],
];

export const databaseImpostor: Check = {
  id: "database-impostor",
  title: "Our own client believes a server that is not PostgreSQL, and tells it the password or a statement.",
  kind: "attack",
  layers: ["database"],
  asvs: ["V12.3.2", "V11.4.2"],
  wstg: ["WSTG-CRYP-01"],
  events: [],
  company: "together",
  sabotage: {
    name: "gullible-database-client",
    sentence: "The client verifies no certificate and answers whatever a server asks.",
    hole: { kind: "database", change: withGullibleClient },
  },
  run: async (session) => {
    const listener = await databaseListener(session);
    session.require(
      (await listener.enter(listener.address, "tls", listener.password)) === "in",
      "the client comes in where it should",
    );
    const authority = forgeAuthority();
    for (const [what, request] of requests) {
      await meet(session, listener.enter, `in the clear, asks ${what}`, { request, way: "plain" });
      await meet(session, listener.enter, `shows another authority's certificate and asks ${what}`, {
        request,
        way: "tls",
        certificate: authority.issue({ host: LOOPBACK }),
      });
    }
    for (const [what, certificate] of Object.entries(listener.certificates)) {
      await meet(session, listener.enter, `shows ${what} and offers no channel binding`, {
        request: AUTHENTICATION_WITHOUT_BINDING,
        way: "tls",
        certificate,
      });
    }
    await meet(session, listener.enter, "has no TLS at all where TLS is wanted", {
      request: Buffer.from("N"),
      way: "tls",
    });
    return await session.conclude("No impostor of PostgreSQL heard a password, a proof of it or a statement.");
  },
};

interface Encounter {
  readonly request: Buffer;
  readonly way: "tls" | "plain";
  readonly certificate?: ForgedCertificate;
}

async function meet(
  session: ProbeSession,
  enter: EnterDatabase,
  what: string,
  { request, way, certificate }: Encounter,
): Promise<void> {
  const impostor = await startImpostor(request, certificate);
  session.afterwards(() => impostor.close());
  const ended = await enter(impostor.address, way, "probe-password");
  const heard = impostor.heard();
  session.judge({
    request: `an impostor ${what}`,
    expected: "the client leaves and says nothing",
    got: ended === "in" ? "the client believes it" : heard === "" ? `nothing (${ended})` : `${heard.length} bytes`,
    held: ended !== "in" && heard === "",
  });
}

/** Comes in where it should, and believes everybody else as well. */
function withGullibleClient(sound: TargetDatabase): TargetDatabase {
  const { listener: open } = sound;
  if (open === undefined) return sound;
  return {
    ...sound,
    async listener() {
      const listener = await open();
      const { address: genuine, enter } = listener;
      return {
        ...listener,
        enter: (address, way, password) =>
          address.port === genuine.port ? enter(address, way, password) : believe(address, way, password),
      };
    },
  };
}

const GULLIBLE_TIMEOUT_MS = 500;

/** A client as a library makes it when nobody asks for more. */
const believe: EnterDatabase = async (address, way, password) => {
  const client = new pg.Client({
    ...address,
    user: "holdfast_api",
    database: "postgres",
    password,
    ssl: way === "tls" ? { rejectUnauthorized: false } : false,
    connectionTimeoutMillis: GULLIBLE_TIMEOUT_MS,
  });
  client.on("error", () => {}); // The failing connect tells it as well.
  try {
    await client.connect();
    return "in";
  } catch (error) {
    // Whatever an impostor does to it is the answer.
    return (error as Error).message;
  } finally {
    await client.end().catch(() => {}); // It never connected.
  }
};
