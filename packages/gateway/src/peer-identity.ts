// Who is at the other end of a mutual TLS connection: the one SPIFFE id in its certificate (SPIFFE X.509-SVID §2).

const ID_PREFIX = "spiffe://holdfast/";
const URI_ENTRY = "URI:";

/** The SPIFFE id of a service of ours. */
export const spiffeId = (service: string): string => `${ID_PREFIX}${service}`;

/**
 * The service named by a certificate's subjectAltName text (as node:tls gives it), or null. Exactly one URI is required,
 * and no quoting: Node quotes an entry that could be mistaken for two (CVE-2021-44532).
 */
export function serviceOfCertificate(subjectAltName: string | undefined): string | null {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return null;
  const uris = subjectAltName.split(", ").filter((entry) => entry.startsWith(URI_ENTRY));
  const [uri] = uris;
  if (uris.length !== 1 || uri === undefined) return null;
  const id = uri.slice(URI_ENTRY.length);
  return id.startsWith(ID_PREFIX) ? id.slice(ID_PREFIX.length) : null;
}
