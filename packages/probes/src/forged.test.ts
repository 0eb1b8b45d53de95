import { createHmac, createPublicKey, generateKeyPairSync, verify, X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { forgeAuthority } from "./forged-certificate.ts";
import { attackerKey, hmacSigned, signedBy, takeApart, unsigned } from "./forged-token.ts";
import { sampleBody, textProperties } from "./sample-body.ts";

describe("forged certificates", () => {
  test("are real certificates: whoever trusts the authority accepts them, nobody else does", async () => {
    const authority = forgeAuthority();
    const { certificatePem, privateKeyPem } = authority.issue({ host: "localhost" });
    const server = createServer({ cert: certificatePem, key: privateKeyPem });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const authorized = (ca: string, servername: string) =>
      new Promise<boolean>((resolve) => {
        const socket: TLSSocket = connect(
          { host: "127.0.0.1", port, ca, servername, rejectUnauthorized: false },
          () => {
            resolve(socket.authorized);
            socket.destroy();
          },
        );
      });
    expect(await authorized(authority.certificatePem, "localhost")).toBe(true);
    expect(await authorized(authority.certificatePem, "other.invalid")).toBe(false);
    expect(await authorized(forgeAuthority().certificatePem, "localhost")).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  test("bear the names they are asked for, and may be expired", () => {
    const authority = forgeAuthority();
    const spiffe = new X509Certificate(authority.issue({ uri: "spiffe://holdfast/gateway" }).certificatePem);
    expect(spiffe.subjectAltName).toBe("URI:spiffe://holdfast/gateway");
    expect(spiffe.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    const expired = new X509Certificate(authority.issue({ host: "127.0.0.1", days: -1 }).certificatePem);
    expect(expired.subjectAltName).toBe("IP Address:127.0.0.1");
    expect(Date.parse(expired.validTo)).toBeLessThan(Date.now());
    expect(Date.parse(expired.validFrom)).toBeLessThan(Date.parse(expired.validTo));
  });
});

describe("forged tokens", () => {
  test("are properly signed by the attacker's own key, and by nobody else's", () => {
    const key = attackerKey();
    const token = signedBy(key, { kid: "x" }, { sub: "y" });
    const [input, signature] = [
      token.slice(0, token.lastIndexOf(".")),
      Buffer.from(takeApart(token).signature, "base64url"),
    ];
    const good = createPublicKey({ key: key.publicJwk, format: "jwk" });
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const isSigned = (by: typeof good) =>
      verify("sha256", Buffer.from(input), { key: by, dsaEncoding: "ieee-p1363" }, signature);
    expect([isSigned(good), isSigned(other)]).toEqual([true, false]);
    expect(takeApart(token)).toMatchObject({ header: { kid: "x", alg: "ES256" }, payload: { sub: "y" } });
  });

  test("can have an HMAC, or no signature at all", () => {
    const token = hmacSigned("secret", {}, {});
    const [header = "", payload = "", signature] = token.split(".");
    expect(signature).toBe(createHmac("sha256", "secret").update(`${header}.${payload}`).digest("base64url"));
    expect(unsigned({ alg: "none" }, {})).toMatch(/^[\w-]+\.[\w-]+\.$/u);
  });
});

describe("a sample body", () => {
  test("fills what is required and leaves out the rest", () => {
    const schema = {
      type: "object",
      properties: {
        title: { type: "string", minLength: 30 },
        status: { enum: ["draft", "published"] },
        team: { anyOf: [{ type: "string", format: "uuid" }, { type: "null" }] },
        tags: { type: "array", minItems: 1, items: { type: "string" } },
        count: { type: "integer", minimum: 3 },
        left: { type: "string" },
      },
      required: ["title", "status", "team", "tags", "count"],
    };
    const sample = sampleBody(schema, "probe") as Record<string, unknown>;
    expect(sample).toMatchObject({ title: "probe".padEnd(30, "x"), status: "draft", tags: ["probe"], count: 3 });
    expect(sample["team"]).toMatch(/^[0-9a-f-]{36}$/u);
    expect("left" in sample).toBe(false);
    expect(textProperties(schema)).toEqual(["title", "left"]);
  });
});
