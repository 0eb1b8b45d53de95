// An embedded cluster that another process of this user runs: reached as its owner reaches it, without the power to stop it.
import type { CertificateAuthority } from "@holdfast/vault";
import type { Cluster } from "../cluster.ts";
import { ADMINISTRATOR } from "../initialise.ts";
import { ClusterTls } from "./cluster-tls.ts";

export interface AttachOptions {
  /** Its socket folder, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** Where it has its unix socket, also when it is reached over TCP. */
  readonly socketFolder?: string;
  readonly version: string;
  readonly superuserPassword: string;
  /** Issues the certificates that a cluster on TCP wants to see. */
  readonly authority: () => Promise<CertificateAuthority>;
}

const MAINTENANCE_DATABASE = "postgres";

export async function attachCluster(options: AttachOptions): Promise<Cluster> {
  const { host, port, version, superuserPassword, socketFolder } = options;
  const tls = host.startsWith("/") ? undefined : new ClusterTls(await options.authority());
  await tls?.renew();
  return {
    kind: "embedded",
    version,
    maintenanceDatabase: MAINTENANCE_DATABASE,
    ...(socketFolder === undefined ? {} : { socketFolder }),
    settings: (database, role) => {
      const user = role?.user ?? ADMINISTRATOR;
      const ssl = tls === undefined ? {} : { ssl: tls.clientOptions(user) };
      return { host, port, database, user, password: role?.password ?? superuserPassword, ...ssl };
    },
    async stop() {},
    async renewCertificates() {},
    onExit() {},
  };
}
