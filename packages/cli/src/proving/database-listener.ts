// PostgreSQL's side that faces the network, to be attacked: the running one's where it listens on TCP, else a throw-away cluster that
// is started exactly as that one would be. Several checks at a time share it.
import { randomBytes } from "node:crypto";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Cluster,
  GuardedClient,
  type GuardedSettings,
  makeThrowawayFolder,
  openCluster,
} from "@holdfast/postgres";
import type { DatabaseListener, EnterDatabase, TargetDatabase } from "@holdfast/probes";
import { DATA_MODE } from "../deployment/data-lock.ts";
import { type Ground, THROWAWAY_BYTES, THROWAWAY_SETTINGS } from "../deployment/ground.ts";

const PASSWORD_BYTES = 24;
const CONNECT_TIMEOUT_MS = 5_000;
const DATABASE = "postgres";

/** Nothing for a given server that is not reached over TLS: there is no side that faces the network to attack. */
export function databaseListener(ground: Ground): Pick<TargetDatabase, "listener"> {
  const { cluster } = ground;
  const settings = cluster.settings(DATABASE);
  const isOnTcp = settings.ssl !== undefined && settings.ssl !== false;
  if (cluster.kind === "given") {
    return isOnTcp ? { listener: async () => ({ ...describe(settings), isRunning: true, isOurs: false }) } : {};
  }
  if (isOnTcp) return { listener: () => ours(ground, cluster, async () => undefined, true) };
  return { listener: whileUsed(() => startLikeIt(ground)) };
}

type Described = Omit<DatabaseListener, "isRunning" | "isOurs">;

function describe(settings: GuardedSettings): Described {
  const { ca, cert, key } = settings.ssl as Readonly<Record<"ca" | "cert" | "key", string | undefined>>;
  return {
    address: { host: settings.host ?? "", port: settings.port ?? 0 },
    ...(ca === undefined ? {} : { authorityPem: ca }),
    user: settings.user ?? "",
    password: settings.password as string,
    own: { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
    enter: enterBy(settings),
    certificates: {},
    async close() {},
  };
}

const enterBy =
  (settings: GuardedSettings): EnterDatabase =>
  async (address, way, password) => {
    const client = new GuardedClient({
      ...settings,
      ...address,
      password,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...(way === "plain" ? { ssl: false } : {}),
    });
    client.on("error", () => undefined); // The failing connect rejects as well.
    try {
      await client.connect();
      return "in";
    } catch (error) {
      // Why it did not come in is what was asked.
      return (error as Error).message;
    } finally {
      await client.end().catch(() => undefined); // It never connected.
    }
  };

async function ours(
  ground: Ground,
  cluster: Cluster,
  close: () => Promise<void>,
  isRunning: boolean,
): Promise<DatabaseListener> {
  const authority = await ground.vault.certificateAuthority();
  const server = { commonName: "postgres", usage: ["server"], days: 1 } as const;
  return {
    ...describe(cluster.settings(DATABASE)),
    isRunning,
    isOurs: true,
    certificates: {
      "our authority's certificate for another name": await authority.issue({ ...server, dnsNames: ["localhost"] }),
      "a true certificate": await authority.issue({ ...server, ipAddresses: ["127.0.0.1"] }),
    },
    close,
  };
}

async function startLikeIt(ground: Ground): Promise<DatabaseListener> {
  const folder = await makeThrowawayFolder("holdfast-listener-", THROWAWAY_BYTES);
  await chmod(folder, DATA_MODE);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const directory = join(folder, "postgres");
    const cluster = await openCluster({
      directory,
      superuserPassword: randomBytes(PASSWORD_BYTES).toString("base64url"),
      serverSettings: THROWAWAY_SETTINGS,
      tcp: { authority: await ground.vault.certificateAuthority() },
    });
    const close = async (): Promise<void> => {
      await cluster.stop();
      await remove();
    };
    const listener = await ours(ground, cluster, close, false);
    return { ...listener, socket: { path: join(cluster.socketFolder ?? "", `.s.PGSQL.${listener.address.port}`) } };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Opened for the first who asks, closed after the last. */
function whileUsed(open: () => Promise<DatabaseListener>): () => Promise<DatabaseListener> {
  let users = 0;
  let opened: Promise<DatabaseListener> | undefined;
  return async () => {
    users += 1;
    opened ??= open();
    const mine = opened;
    const leave = async (): Promise<void> => {
      users -= 1;
      if (users > 0) return;
      opened = undefined;
      await (await mine).close();
    };
    try {
      return { ...(await mine), close: leave };
    } catch (error) {
      users -= 1;
      if (users === 0) opened = undefined;
      throw error;
    }
  };
}
