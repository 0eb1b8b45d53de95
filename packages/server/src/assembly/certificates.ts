// The certificates of one deployment, all from the vault's authority: one name per service, and the origin's for browsers.
import { isIP } from "node:net";
import type { CertificateAuthority, ServiceCertificate } from "@holdfast/vault";
import { LOOPBACK } from "./listen.ts";

/** Issued anew at every start. */
const DAYS = 90;

/** A service proves by its URI name who it is; callers verify it, and it verifies callers, the same way. */
export function serviceCertificate(authority: CertificateAuthority, service: string): Promise<ServiceCertificate> {
  return authority.issue({
    commonName: service,
    uris: [`spiffe://holdfast/${service}`],
    ipAddresses: [LOOPBACK],
    usage: service === "gateway" ? ["client"] : ["server", "client"],
    days: DAYS,
  });
}

/** What browsers see at the origin. */
export function originCertificate(authority: CertificateAuthority, origin: string): Promise<ServiceCertificate> {
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, "");
  const addresses = [LOOPBACK, "::1", ...(isIP(host) === 0 ? [] : [host])];
  return authority.issue({
    commonName: isIP(host) === 0 ? host : "holdfast",
    ...(isIP(host) === 0 ? { dnsNames: [host] } : {}),
    ipAddresses: [...new Set(addresses)],
    usage: ["server"],
    days: DAYS,
  });
}
