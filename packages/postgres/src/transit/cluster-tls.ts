// What an embedded cluster on TCP needs: a certificate of its own, and one for each role that may come in. Issued at every start
// by the vault's authority, and anew while it runs: the server reads them at a reload, connections when they are made.
import type { CertificateAuthority, ServiceCertificate } from "@holdfast/vault";
import type pg from "pg";
import { ADMINISTRATOR, REPLICATOR } from "../initialise.ts";
import { loginRoles } from "../roles.ts";

/** Days a certificate is good for; whoever runs the cluster renews it well before. */
export const CERTIFICATE_DAYS = 90;
const LOOPBACK = "127.0.0.1";

/** Files of the server in its cluster's directory; the key is mode 0600. */
export interface ServerTls {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Who may have signed a client's certificate. */
  readonly authorityPem: string;
}

export class ClusterTls {
  readonly #authority: CertificateAuthority;
  #server: ServiceCertificate | undefined;
  readonly #clients = new Map<string, ServiceCertificate>();

  constructor(authority: CertificateAuthority) {
    this.#authority = authority;
  }

  /** Issues every certificate anew. */
  async renew(): Promise<ServerTls> {
    this.#server = await this.#authority.issue({
      commonName: "postgres",
      uris: ["spiffe://holdfast/postgres"],
      dnsNames: ["localhost"],
      ipAddresses: [LOOPBACK],
      usage: ["server"],
      days: CERTIFICATE_DAYS,
    });
    for (const role of [ADMINISTRATOR, REPLICATOR, ...loginRoles]) {
      // The name is compared with the user that connects (clientcert=verify-full): a stolen certificate is good for one role.
      const request = { commonName: role, uris: [`spiffe://holdfast/postgres/${role}`], days: CERTIFICATE_DAYS };
      this.#clients.set(role, await this.#authority.issue({ ...request, usage: ["client"] }));
    }
    return this.#server;
  }

  /** What a connection as this role shows and demands. Read when it is made, so that it shows what was renewed. */
  clientOptions(role: string): Exclude<pg.ClientConfig["ssl"], boolean | undefined> {
    const clients = this.#clients;
    return {
      ca: this.#authority.certificatePem,
      minVersion: "TLSv1.3",
      rejectUnauthorized: true,
      get cert() {
        return clients.get(role)?.certificatePem;
      },
      get key() {
        return clients.get(role)?.privateKeyPem;
      },
    };
  }
}
