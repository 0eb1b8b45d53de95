// The service's side of mutual TLS: who does not show the certificate of a caller that the policy names is not heard.
import type { Server } from "node:net";
import type { TLSSocket, TlsOptions } from "node:tls";
import type { ServiceCertificate } from "@holdfast/vault";
import { serviceOfCertificate } from "../peer-identity.ts";

/** The one caller that every service has unless the policy names others. */
export const DEFAULT_CALLERS: readonly string[] = Object.freeze(["gateway"]);

/** TLS options for a service's listener (`Fastify({ https: upstreamTlsOptions(certificate) })`): TLS 1.3, client certificate of our authority. */
export function upstreamTlsOptions(certificate: ServiceCertificate): TlsOptions {
  return {
    key: certificate.privateKeyPem,
    cert: certificate.certificatePem,
    ca: certificate.authorityPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  };
}

/** Whether the connection's client certificate is valid and names one of the callers. */
export function isPeerAllowed(socket: TLSSocket, callers: readonly string[]): boolean {
  if (socket.authorized !== true) return false;
  const service = serviceOfCertificate(socket.getPeerX509Certificate?.()?.subjectAltName);
  return service !== null && callers.includes(service);
}

/** Closes every connection whose peer is not one of the callers before it can send a request. */
export function guardPeers(server: Server, callers: readonly string[] = DEFAULT_CALLERS): void {
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (!isPeerAllowed(socket, callers)) socket.destroy();
  });
}
