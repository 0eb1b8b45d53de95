import { constants } from "node:crypto";
import { HEADERS_MAX } from "./steps/framing.ts";

/** What a connection may cost before there is a request (edge limits of node:http; the defaults hold slow clients for minutes). */
export const serverLimits = Object.freeze({
  /** Milliseconds for the header fields to arrive. */
  headersTimeout: 10_000,
  /** Milliseconds for the whole request to arrive. */
  requestTimeout: 30_000,
  /** Milliseconds an idle connection is kept. */
  keepAliveTimeout: 30_000,
  /** Milliseconds in which a connection may carry nothing, longer than any service may take (300 s). Node's default is for ever. */
  silenceTimeout: 330_000,
  /** Milliseconds between looks for requests that are late. */
  connectionsCheckingInterval: 2_000,
  /** Bytes of all header fields together. */
  maxHeaderSize: 16 * 1024,
  /** Node silently drops what exceeds this, so it is told one more than `framing` accepts. */
  maxHeadersCount: HEADERS_MAX + 1,
  maxConnections: 10_000,
  /** A missing Host is refused by a step of ours, as a problem and with an event. */
  requireHostHeader: false,
  insecureHTTPParser: false,
});

/** TLS 1.2 with authenticated encryption and forward secrecy, or TLS 1.3 (RFC 9325 §4.2; ASVS 12.1.2). */
export const tlsFloor = Object.freeze({
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
  ].join(":"),
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  // Only HTTP/1.1 is spoken, so nothing is translated between versions (NET-03).
  ALPNProtocols: ["http/1.1"],
});
