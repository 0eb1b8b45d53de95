// The service's side of mutual TLS: who does not show the certificate of a caller that the policy names is not heard.
import type { Server } from "node:net";
import type { TLSSocket, TlsOptions } from "node:tls";
import type { EmitEvent } from "@holdfast/policy";
import type { ServiceCertificate } from "@holdfast/vault";
import { clientAddress } from "../client-address.ts";
import { refusalOfConnectionError } from "../early-refusal.ts";
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

/** Where a service tells whom it did not hear. */
export interface PeerWatch {
  readonly service: string;
  readonly emit: EmitEvent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Closes every connection whose peer is not one of the callers before it can send a request; each is an event. */
export function guardPeers(server: Server, watch: PeerWatch, callers: readonly string[] = DEFAULT_CALLERS): void {
  // Asked for while there is one: after a failed handshake nobody knows it any more.
  server.prependListener("connection", clientAddress);
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (isPeerAllowed(socket, callers)) return;
    record(watch, socket, "name");
    socket.destroy();
  });
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const isUntrusted = Boolean(socket.authorizationError);
    if (isUntrusted || refusalOfConnectionError(error) !== null)
      record(watch, socket, isUntrusted ? "certificate" : "tls");
  });
}

function record({ service, emit, now }: PeerWatch, socket: TLSSocket, reason: string): void {
  const { text, port } = clientAddress(socket);
  emit({ name: "service.peer-refused", at: now(), service, address: text, reason, detail: { port } });
}
