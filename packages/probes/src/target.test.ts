import { describe, expect, test } from "vitest";
import { checks } from "./checks.ts";
import { prove } from "./prove.ts";
import { assertAllowedTarget, type Target } from "./target.ts";
import { startToyEdge, toyPolicy } from "./testing/toy-edge.ts";
import { startTwin } from "./twin.ts";

const base: Target = {
  origin: "https://localhost:8443",
  authorityPem: "",
  serviceKey: "",
  policy: toyPolicy,
  policyHash: "",
};
const nowhere = async () => ({ rows: [], rowCount: 0 });

describe("the hosts that may be attacked", () => {
  const allowed: [string, Target][] = [
    ["loopback by default", base],
    ["IPv6 loopback", { ...base, origin: "https://[::1]:8443" }],
    ["a named host", { ...base, origin: "https://app.example", allowedHosts: ["app.example"] }],
    [
      "a database on a unix socket",
      { ...base, database: { apiConnection: { host: "/tmp/socket" }, asSubject: nowhere } },
    ],
  ];
  test.each(allowed)("%s may be", (_, target) => {
    expect(() => assertAllowedTarget(target)).not.toThrow();
  });

  const refused: [string, Target][] = [
    ["another origin", { ...base, origin: "https://app.example" }],
    ["an address elsewhere", { ...base, address: { host: "192.0.2.1", port: 443 } }],
    ["a service elsewhere", { ...base, upstreams: [{ service: "api", host: "192.0.2.1", port: 1 }] }],
    ["a database elsewhere", { ...base, database: { apiConnection: { host: "db.example" }, asSubject: nowhere } }],
    [
      "a connection string elsewhere",
      {
        ...base,
        database: {
          apiConnection: { host: "localhost", connectionString: "postgres://db.example/x" },
          asSubject: nowhere,
        },
      },
    ],
    [
      "a database whose host is named twice, of which the last one counts",
      {
        ...base,
        database: {
          apiConnection: { connectionString: "postgres://u@localhost/x?host=localhost&host=db.example" },
          asSubject: nowhere,
        },
      },
    ],
    [
      "a connection string that cannot be read",
      { ...base, database: { apiConnection: { connectionString: "host=db" }, asSubject: nowhere } },
    ],
    ["a database without a host", { ...base, database: { apiConnection: {}, asSubject: nowhere } }],
    [
      "an administrator elsewhere",
      {
        ...base,
        database: { apiConnection: { host: "localhost" }, administrator: { host: "db.example" }, asSubject: nowhere },
      },
    ],
    ["loopback when other hosts are named", { ...base, allowedHosts: ["app.example"] }],
  ];
  test.each(refused)("%s may not be", (_, target) => {
    expect(() => assertAllowedTarget(target)).toThrowError(
      expect.objectContaining({ code: "probes/host-not-allowed" }),
    );
  });

  test.each(["http://localhost", "https://localhost/path", "localhost", "https://user@localhost", ""])(
    "%j is no origin",
    (origin) => {
      expect(() => assertAllowedTarget({ ...base, origin })).toThrowError(
        expect.objectContaining({ code: "probes/origin-invalid" }),
      );
    },
  );

  test("nothing is sent to a host that is not allowed, neither by a run nor by a twin", async () => {
    const toy = await startToyEdge();
    try {
      const target = { ...toy.target, allowedHosts: ["app.example"] };
      await expect(prove({ target, checks })).rejects.toMatchObject({ code: "probes/host-not-allowed" });
      await expect(startTwin(target, {}, { certificatePem: "", privateKeyPem: "" })).rejects.toMatchObject({
        code: "probes/host-not-allowed",
      });
      expect(toy.connections()).toBe(0);
    } finally {
      await toy.close();
    }
  });
});
