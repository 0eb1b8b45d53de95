import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { forgeAuthority } from "../forged-certificate.ts";
import { ProbeError } from "../probe-error.ts";
import { shakeHands } from "../raw-connection.ts";

/** The name that services expect of the gateway, which everybody knows and nobody else may prove. */
const GATEWAY = "spiffe://holdfast/gateway";

export const net06: Check = {
  ...fromAttackList("NET-06"),
  title: "A service answers somebody who comes past the edge, without a certificate or with a false one.",
  kind: "attack",
  layers: ["mesh"],
  events: ["service.peer-refused"],
  company: "together",
  sabotage: {
    name: "service-without-mutual-tls",
    sentence: "A service listens that asks nobody for a certificate.",
    hole: { kind: "twin", openService: true },
  },
  run: async (session) => {
    const upstreams = session.target.upstreams ?? [];
    if (upstreams.length === 0) {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "Expected the addresses of the services behind the edge, found none.",
        "Give target.upstreams.",
      );
    }
    await session.positive("the services answer through the edge", { method: "GET", path: "/auth/v1/health" }, 200);
    const authority = forgeAuthority();
    const impostor = authority.issue({ uri: GATEWAY });
    const expired = authority.issue({ uri: GATEWAY, days: -1 });
    const stranger = authority.issue({ host: "stranger.invalid" });
    const visitors = [
      ["no certificate", {}],
      ["a gateway certificate of our own authority", { cert: impostor.certificatePem, key: impostor.privateKeyPem }],
      ["an expired gateway certificate", { cert: expired.certificatePem, key: expired.privateKeyPem }],
      ["a certificate of another name", { cert: stranger.certificatePem, key: stranger.privateKeyPem }],
      ["no certificate, TLS 1.2", { maxVersion: "TLSv1.2" as const }],
    ] as const;
    for (const { service, host, port } of upstreams) {
      for (const [name, options] of visitors) {
        const handshake = await shakeHands({ host, port, ca: session.target.authorityPem, ...options });
        session.judge({
          request: `connect to ${service} past the edge with ${name}`,
          expected: "no connection",
          got: handshake.accepted ? "an answer" : `refused (${handshake.failure})`,
          held: !handshake.accepted,
          event: { ...handshake.trace, name: "service.peer-refused" },
        });
      }
    }
    return await session.conclude(`${upstreams.length} services behind the edge heard nobody but the gateway.`);
  },
};
