import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { type ForgedAuthority, forgeAuthority } from "../forged-certificate.ts";
import { shakeHands } from "../raw-connection.ts";
import type { ProbeSession } from "../session.ts";
import { edgeAddress, type UpstreamAddress } from "../target.ts";

const DAY_MS = 86_400_000;

export const cry02: Check = {
  ...fromAttackList("CRY-02"),
  title: "A certificate is self-signed, expired or of another name, and somebody takes it.",
  kind: "attack",
  layers: ["edge", "mesh"],
  events: ["service.peer-refused"],
  company: "together",
  sabotage: {
    name: "foreign-certificate",
    sentence: "The edge shows a certificate that nobody we trust has signed.",
    hole: { kind: "twin", foreignCertificate: true },
  },
  run: async (session) => {
    const { target } = session;
    const name = new URL(target.origin).hostname;
    const edge = { ...edgeAddress(target), servername: name };
    const trusted = await shakeHands({ ...edge, ca: target.authorityPem });
    session.judge({
      request: `read the edge's certificate as a client that trusts our authority and wants ${name}`,
      expected: "signed by our authority, for this name, in force",
      got: trusted.authorized
        ? `valid until ${new Date(trusted.validTo ?? 0).toISOString().slice(0, 10)}`
        : "not valid",
      held:
        trusted.authorized &&
        (trusted.validTo ?? 0) > Date.now() &&
        (trusted.validTo ?? 0) < Date.now() + 3 * 366 * DAY_MS,
    });
    const stranger = forgeAuthority();
    const foreign = await shakeHands({ ...edge, ca: stranger.certificatePem });
    session.judge({
      request: "the same as a client that trusts another authority",
      expected: "not valid",
      got: foreign.authorized ? "valid" : "not valid",
      held: !foreign.authorized,
    });
    const misnamed = await shakeHands({ ...edge, ca: target.authorityPem, servername: "other.invalid" });
    session.judge({
      request: "the same as a client that wants another name",
      expected: "not valid",
      got: misnamed.authorized ? "valid" : "not valid",
      held: !misnamed.authorized,
    });
    for (const upstream of target.upstreams ?? []) await attackService(session, upstream, stranger);
    return await session.conclude(
      "Certificates are signed by one authority, bear the right name and are in force; false ones are refused.",
    );
  },
};

async function attackService(
  session: ProbeSession,
  { service, host, port }: UpstreamAddress,
  stranger: ForgedAuthority,
): Promise<void> {
  const { target } = session;
  const own = `spiffe://holdfast/${service}`;
  const shown = await shakeHands({ host, port, ca: target.authorityPem, checkServerIdentity: () => undefined });
  session.judge({
    request: `read the certificate of ${service}`,
    expected: `the name ${own}`,
    got: shown.subjectNames || "not shown to strangers",
    held: shown.subjectNames === "" || shown.subjectNames.split(", ").includes(`URI:${own}`),
  });
  for (const [what, days] of [
    ["self-signed", 1],
    ["expired", -1],
  ] as const) {
    const impostor = stranger.issue({ uri: "spiffe://holdfast/gateway", days });
    const refused = await shakeHands({
      host,
      port,
      ca: target.authorityPem,
      cert: impostor.certificatePem,
      key: impostor.privateKeyPem,
    });
    session.judge({
      request: `show ${service} a ${what} certificate of the gateway's name`,
      expected: "no connection",
      got: refused.accepted ? "an answer" : "refused",
      held: !refused.accepted,
      event: { ...refused.trace, name: "service.peer-refused" },
    });
  }
}
