import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from "node:tls";
import { type CertificateAuthority, openVault } from "@holdfast/vault";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../cluster.ts";
import { connectGiven } from "../given-cluster.ts";
import { prepareDatabase } from "../prepare-database.ts";
import { serverSettingsForTests } from "../testing/test-cluster.ts";
import { attachCluster } from "./attach-cluster.ts";
import { GuardedClient, type GuardedSettings } from "./guarded-client.ts";

let folder: string;
let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let cluster: Cluster;
const superuserPassword = "correct-horse-battery-staple-0123";
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");
const START_UP = Buffer.concat([
  Buffer.from("0000002900030000", "hex"),
  Buffer.from("user\0postgres\0database\0postgres\0\0"),
]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-transit-"));
  await chmod(folder, 0o711);
  authority = await (await openVault({ directory: join(folder, "vault") })).certificateAuthority();
  stranger = await (await openVault({ directory: join(folder, "stranger") })).certificateAuthority();
  const directory = join(folder, "cluster");
  cluster = await openCluster({
    directory,
    superuserPassword,
    tcp: { authority },
    serverSettings: serverSettingsForTests,
  });
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "in",
    (error: { code?: string; message: string }) => `${error.code ?? ""} ${error.message}`,
  );

async function enter(settings: GuardedSettings, Client = GuardedClient as typeof pg.Client): Promise<string> {
  const client = new Client({ ...cluster.settings("postgres"), ...settings } as pg.ClientConfig);
  client.on("error", () => undefined); // The failing connect rejects as well.
  const ended = await outcome(client.connect());
  await client.end().catch(() => undefined); // It never connected.
  return ended;
}

const own = (): ConnectionOptions => ({ ...(cluster.settings("postgres").ssl as ConnectionOptions) });

describe("a cluster on TCP", () => {
  test("speaks TLS 1.3 with a bound channel to who shows a certificate of our authority for the role's name", async () => {
    const client = new GuardedClient(cluster.settings("postgres"));
    await client.connect();
    const { rows } = await client.query("select version, client_dn from pg_stat_ssl where pid = pg_backend_pid()");
    expect(rows).toEqual([{ version: "TLSv1.3", client_dn: "/CN=holdfast_administrator" }]);
    await client.end();
  });

  test("takes no other certificate, role, protocol or password", async () => {
    const foreign = await stranger.issue({
      commonName: "holdfast_administrator",
      uris: ["spiffe://holdfast/x"],
      usage: ["client"],
      days: 1,
    });
    const { ca } = own();
    const attempts: [string, GuardedSettings, RegExp][] = [
      ["plain", { ssl: false, channelBinding: "disable" }, /^28000/],
      ["no certificate", { ssl: { ca } as never }, /^28000/],
      [
        "foreign certificate",
        { ssl: { ca, cert: foreign.certificatePem, key: foreign.privateKeyPem } as never },
        /alert|ECONNRESET|terminated/i,
      ],
      // Compared after the password, so PostgreSQL says of the password that it failed.
      ["another role's", { ssl: cluster.settings("postgres", { user: "holdfast_api", password: "" }).ssl }, /^28P01/],
      ["TLS 1.2", { ssl: { ...own(), minVersion: undefined, maxVersion: "TLSv1.2" } as never }, /alert|protocol/i],
      ["a wrong password", { password: "wrong" }, /^28P01/],
      ["a wrong authority", { ssl: { ...own(), ca: stranger.certificatePem } as never }, /CERT|SIGNATURE|UNABLE/i],
      [
        "a wrong name",
        {
          ssl: { ...own(), checkServerIdentity: undefined, servername: "db.example.com" } as never,
          host: "localhost.localdomain",
        },
        /ALTNAME|ENOTFOUND|EAI_AGAIN/,
      ],
    ];
    for (const [name, settings, expected] of attempts) expect(await enter(settings), name).toMatch(expected);
  });

  test("answers a plain start-up with a refusal, not with a request for a password", async () => {
    const answer = await firstByte(START_UP);
    expect(answer).toBe("E");
    expect(await firstByte(SSL_REQUEST)).toBe("S");
  });

  test("shows a renewed certificate after a reload, and connections that are open go on", async () => {
    const client = new GuardedClient(cluster.settings("postgres"));
    await client.connect();
    const pid = async (): Promise<number> => (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
    const [before, first] = [await pid(), await shownSerial()];
    await cluster.renewCertificates();
    await expect.poll(shownSerial).not.toBe(first);
    expect(await pid()).toBe(before);
    expect(await enter({})).toBe("in");
    await client.end();
  });

  test("is reached by pools, and by another process that has the vault", async () => {
    const secrets = async (name: string): Promise<string> => `${name}-${"y".repeat(32)}`;
    const database = await prepareDatabase(cluster, { database: "app", secrets, migrationSets: [] });
    const pool = database.pool("holdfast_api");
    const text = "select client_dn from pg_stat_ssl where pid = pg_backend_pid()";
    expect((await pool.query(text)).rows).toEqual([{ client_dn: "/CN=holdfast_api" }]);
    await cluster.renewCertificates();
    expect((await pool.query(text)).rows).toEqual([{ client_dn: "/CN=holdfast_api" }]);
    await pool.end();
    const { host, port } = cluster.settings("app");
    const attached = await attachCluster({
      host: host as string,
      port: port as number,
      version: cluster.version,
      superuserPassword,
      authority: async () => authority,
    });
    expect(await enter(attached.settings("app"))).toBe("in");
  });

  const shownSerial = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = cluster.settings("postgres");
      const plain = connect(port as number, "127.0.0.1", () => plain.write(SSL_REQUEST));
      plain.once("data", () => {
        const secure = connectTls({ ...own(), socket: plain, host: "127.0.0.1" }, () => {
          resolve(new X509Certificate(secure.getPeerCertificate().raw).serialNumber);
          secure.destroy();
        });
        secure.once("error", reject);
      });
      plain.once("error", reject);
    });

  const firstByte = (bytes: Buffer): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(cluster.settings("postgres").port as number, "127.0.0.1", () => socket.write(bytes));
      socket.once("data", (data: Buffer) => {
        resolve(data.toString("latin1", 0, 1));
        socket.destroy();
      });
      socket.once("error", reject);
    });
});

/** Plays a server that asks for what it should not, and keeps what it is told. */
async function impostor(answer: Buffer, tls?: { cert: string; key: string }) {
  const heard: Buffer[] = [];
  const play = (socket: Socket): void => {
    socket.on("error", () => undefined); // The client hangs up: that is the point.
    socket.once("data", () => {
      socket.write(answer);
      socket.on("data", (data: Buffer) => heard.push(data));
    });
  };
  const secure = tls && createTlsServer({ ...tls }, play);
  secure?.on("tlsClientError", () => undefined); // It did not like the certificate.
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (secure === undefined) return play(socket);
    socket.once("data", () => {
      socket.write("S");
      secure.emit("connection", socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { port, heard: () => Buffer.concat(heard).toString("latin1"), close: () => server.close() };
}

const authentication = (kind: number, rest = ""): Buffer => {
  const body = Buffer.concat([Buffer.from([0, 0, 0, kind]), Buffer.from(rest, "latin1")]);
  const head = Buffer.from([0x52, 0, 0, 0, body.length + 4]);
  return Buffer.concat([head, body]);
};

describe("a server that is not ours", () => {
  const kinds: [string, Buffer][] = [
    ["the password itself", authentication(3)],
    ["its MD5", authentication(5, "salt")],
    ["nothing", Buffer.concat([authentication(0), Buffer.from("5a0000000549", "hex")])],
    ["another mechanism", authentication(10, "PLAIN\0\0")],
  ];
  test.each(kinds)("that asks for %s is told nothing", async (_, answer: Buffer) => {
    const fake = await impostor(answer);
    const plain = { host: "127.0.0.1", port: fake.port, ssl: false, password: "secret-word" } as const;
    expect(await enter(plain)).not.toBe("in");
    expect(fake.heard()).not.toMatch(/secret-word|md5/);
    // The pair: a client without our guard believes the first three.
    if (answer[8] !== 10) {
      const gullible = enter(plain, pg.Client);
      await expect.poll(() => `${fake.heard()}`, { timeout: 2_000 }).toMatch(answer[8] === 0 ? /^/ : /secret-word|md5/);
      fake.close();
      void gullible;
    }
    fake.close();
  });

  test("that cannot bind the channel is refused where it must, and told apart", async () => {
    const server = await authority.issue({ commonName: "x", ipAddresses: ["127.0.0.1"], usage: ["server"], days: 1 });
    const fake = await impostor(authentication(10, "SCRAM-SHA-256\0\0"), {
      cert: server.certificatePem,
      key: server.privateKeyPem,
    });
    const root = join(folder, "root.pem");
    await writeFile(root, authority.certificatePem);
    const url = `postgres://u:secret-word@127.0.0.1:${fake.port}/d?sslmode=verify-full&sslrootcert=${root}`;
    expect(await outcome(connectGiven(url))).toMatch(/^cluster\/authentication-weak .*channel_binding=prefer/);
    expect(fake.heard()).toBe("");
    void outcome(connectGiven(`${url}&channel_binding=prefer`));
    await expect.poll(fake.heard).toContain("SCRAM-SHA-256");
    fake.close();
  });
});

describe("a URL", () => {
  test("beyond this machine asks for verified TLS, or for a consent in words", async () => {
    const url = "postgres://u:p@db.invalid:5432/d";
    for (const mode of ["disable", "require"]) {
      expect(await outcome(connectGiven(`${url}?sslmode=${mode}`))).toMatch(/^cluster\/transport-insecure/);
    }
    expect(await outcome(connectGiven(`${url}?sslmode=disable&holdfast_plaintext=accept`))).toMatch(
      /^cluster\/unreachable/,
    );
    expect(await outcome(connectGiven(`${url}?sslmode=disable&holdfast_plaintext=yes`))).toMatch(
      /^cluster\/url-invalid/,
    );
    expect(await outcome(connectGiven(`${url}?sslcert=/no/such/file`))).toMatch(/^cluster\/url-invalid/);
    expect(await outcome(connectGiven(`${url}?require_auth=anything`))).toMatch(/^cluster\/url-invalid/);
  });

  test("with the files of a client certificate reaches a cluster on TCP", async () => {
    const { host, port, ssl } = cluster.settings("postgres");
    const files = {
      sslrootcert: own().ca,
      sslcert: (ssl as ConnectionOptions).cert,
      sslkey: (ssl as ConnectionOptions).key,
    };
    const url = new URL(`postgres://holdfast_administrator:${superuserPassword}@${host}:${port}/postgres`);
    url.searchParams.set("sslmode", "verify-full");
    for (const [name, pem] of Object.entries(files)) {
      await writeFile(join(folder, name), pem as string);
      url.searchParams.set(name, join(folder, name));
    }
    const given = await connectGiven(`${url}&ssl_min_protocol_version=TLSv1.3`);
    expect(given.transport).toBe("verified-tls");
  });
});
