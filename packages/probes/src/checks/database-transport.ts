import type { ConnectionOptions } from "node:tls";
import type { Check } from "../check.ts";
import { databaseListener } from "../database-session.ts";
import { knock, startDoor } from "../database-wire.ts";
import { forgeAuthority } from "../forged-certificate.ts";
import type { ProbeSession } from "../session.ts";
import type { DatabaseListener, TargetDatabase } from "../target.ts";

const PLUS = "SCRAM-SHA-256-PLUS";

export const databaseTransport: Check = {
  id: "database-transport",
  title: "PostgreSQL talks in the clear, over an old TLS, or to who shows no certificate of ours.",
  kind: "attack",
  layers: ["database"],
  asvs: ["V12.1.1", "V12.3.2", "V12.3.5"],
  wstg: ["WSTG-CRYP-01"],
  events: [],
  company: "together",
  sabotage: {
    name: "database-in-the-clear",
    sentence: "PostgreSQL answers whoever asks for no TLS.",
    hole: { kind: "database", change: withOpenDoor },
  },
  run: async (session) => {
    const listener = await databaseListener(session);
    const trusted = { ca: listener.authorityPem, ...listener.own } as ConnectionOptions;
    const sound = await knock(listener.address, listener.user, trusted);
    session.require(sound.isHeard, "PostgreSQL answers the application");
    const versions = listener.isOurs ? ["TLSv1.3"] : ["TLSv1.2", "TLSv1.3"];
    session.judge({
      request: "come in as the application does",
      expected: `${versions.join(" or ")}, ${PLUS}`,
      got: `${sound.protocol}, ${sound.got}`,
      held: versions.includes(sound.protocol ?? "") && sound.mechanisms.includes(PLUS),
    });
    await refuse(session, listener, "in the clear", undefined);
    await refuse(session, listener, "over TLS 1.1", {
      ...trusted,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    if (listener.isOurs) await visit(session, listener, trusted);
    return await session.conclude(
      `${listener.isRunning ? "The database's own port" : "A server started as this one is where it listens on TCP"} heard nobody in the clear or without what it asks for.`,
    );
  },
};

/** What our own server demands besides: TLS 1.3, and a certificate of our authority. */
async function visit(session: ProbeSession, listener: DatabaseListener, trusted: ConnectionOptions): Promise<void> {
  const stranger = forgeAuthority().issue({ uri: "spiffe://holdfast/postgres", host: listener.user });
  const visitors: [string, ConnectionOptions][] = [
    ["over TLS 1.2", { ...trusted, maxVersion: "TLSv1.2" }],
    ["without a certificate", { ca: listener.authorityPem }],
    [
      "with a certificate of another authority",
      { ca: listener.authorityPem, cert: stranger.certificatePem, key: stranger.privateKeyPem },
    ],
  ];
  for (const [how, options] of visitors) await refuse(session, listener, how, options);
}

async function refuse(
  session: ProbeSession,
  listener: DatabaseListener,
  how: string,
  options: ConnectionOptions | undefined,
): Promise<void> {
  const welcome = await knock(listener.address, listener.user, options);
  session.judge({
    request: `knock ${how}`,
    expected: "refused before anything is asked",
    got: welcome.got,
    held: !welcome.isHeard,
  });
}

/** The same server, with a door beside the guarded one. */
function withOpenDoor(sound: TargetDatabase): TargetDatabase {
  const { listener: open } = sound;
  if (open === undefined) return sound;
  return {
    ...sound,
    async listener() {
      const listener = await open();
      if (listener.socket === undefined) return listener;
      const door = await startDoor(listener.address, listener.socket);
      return {
        ...listener,
        address: door.address,
        async close() {
          await door.close();
          await listener.close();
        },
      };
    },
  };
}
