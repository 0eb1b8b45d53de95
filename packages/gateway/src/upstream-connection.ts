// A pool of mutual TLS connections to one service. The service proves by its certificate that it is that service; its
// address proves nothing.
import type { PeerCertificate } from "node:tls";
import type { ServiceCertificate } from "@holdfast/vault";
import { Pool } from "undici";
import { GatewayError } from "./error.ts";
import { serviceOfCertificate, spiffeId } from "./peer-identity.ts";

const CONNECTIONS_MAX = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const HEADER_BYTES_MAX = 16 * 1024;
/** Shorter than a service's own keep-alive, so that we never write to a connection that is being closed. */
const KEEP_ALIVE_MS = 4_000;

/** Where a service listens and as whom the gateway calls it. */
export interface UpstreamOptions {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** The gateway's own client certificate. */
  readonly certificate: ServiceCertificate;
  /** The authority that the service's certificate must come from. */
  readonly authorityPem: string;
  /** A prefix of the policy's paths that the service itself does not know, for example `/auth/v1`. */
  readonly stripPrefix?: string;
}

export interface Upstream {
  readonly pool: Pool;
  readonly stripPrefix: string;
}

/** Makes the pool; connects on first use. Throws GatewayError `gateway/peer-unchecked` for anything but https. */
export function connectUpstream(service: string, options: UpstreamOptions): Upstream {
  const url = new URL(options.url);
  if (url.protocol !== "https:" || url.pathname !== "/") {
    throw new GatewayError(
      "gateway/peer-unchecked",
      `The upstream of "${service}" must be https://host:port, not ${url.protocol}//…`,
      "Services listen with TLS and ask for a client certificate (see upstreamTlsOptions).",
    );
  }
  const pool = new Pool(url.origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    allowH2: false,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ca: options.authorityPem,
      cert: options.certificate.certificatePem,
      key: options.certificate.privateKeyPem,
      minVersion: "TLSv1.3",
      rejectUnauthorized: true,
      checkServerIdentity: (_host: string, certificate: PeerCertificate) => mismatch(service, certificate),
    },
  });
  return { pool, stripPrefix: options.stripPrefix ?? "" };
}

function mismatch(service: string, certificate: PeerCertificate): Error | undefined {
  if (serviceOfCertificate(certificate.subjectaltname) === service) return undefined;
  return new Error(`The peer's certificate does not name ${spiffeId(service)}.`);
}
