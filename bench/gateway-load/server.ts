// One server under test in a process of its own, so that its processor time is its own. Started with the variant's name; says
// where it listens and which token to send, and answers "usage" with the microseconds it has used.
import { type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import cookie from "@fastify/cookie";
import csrf from "@fastify/csrf-protection";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import { createGateway, gatewaySteps, replaceStep } from "@holdfast/gateway";
import { defineSecurity, role } from "@holdfast/policy";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { startObserver } from "./observer.ts";

/** What is measured: `bare` Fastify, our `steps`, `steps-observed` with one log line and metrics, and the `plugins` stack. */
export type Variant = "bare" | "steps" | "steps-observed" | "plugins";

const HOST = "127.0.0.1";
const ORIGIN = "http://127.0.0.1:8080";
const ISSUER = `${ORIGIN}/auth/v1`;
const LIFETIME_SECONDS = 600;
const item = {
  id: "0b8f4f2e-7a51-4a11-9f53-0b7b8a8f7f10",
  title: "A title",
  status: "published",
  count: 3,
  tags: ["a", "b"],
};
const body = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 1, maxLength: 200 },
    body: { type: "string", maxLength: 10_000 },
    status: { enum: ["draft", "published"] },
  },
  required: ["title", "body"],
  additionalProperties: false,
} as const;

const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "bench", alg: "ES256", use: "sig" };
const seconds = Math.floor(Date.now() / 1000);
const token = await new SignJWT({
  iss: ISSUER,
  aud: "authenticated",
  sub: "0b8f4f2e-7a51-4a11-9f53-0b7b8a8f7f11",
  iat: seconds,
  exp: seconds + LIFETIME_SECONDS,
  role: "authenticated",
  aal: "aal1",
  session_id: "0b8f4f2e-7a51-4a11-9f53-0b7b8a8f7f12",
  app_metadata: { provider: "email", providers: ["email"], roles: ["reader"] },
  user_metadata: {},
})
  .setProtectedHeader({ alg: "ES256", kid: "bench", typ: "JWT" })
  .sign(privateKey);

function bare(): FastifyInstance {
  const app = Fastify();
  app.get("/api/content", async () => item);
  app.post("/api/content", async () => item);
  return app;
}

async function plugins(): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(helmet);
  await app.register(rateLimit, { max: 100_000_000, timeWindow: 60_000 });
  await app.register(cookie, { secret: "a secret of the benchmark, 32 bytes!" });
  await app.register(csrf, { cookieOpts: { signed: true, path: "/", httpOnly: true } });
  const authenticate = async (request: FastifyRequest): Promise<void> => {
    const presented = request.headers.authorization?.slice("Bearer ".length) ?? "";
    await jwtVerify(presented, publicKey, { algorithms: ["ES256"], issuer: ISSUER, audience: "authenticated" });
  };
  app.get("/csrf", async (_request, reply) => ({ token: reply.generateCsrf() }));
  app.get("/api/content", { onRequest: authenticate }, async () => item);
  app.post(
    "/api/content",
    { onRequest: authenticate, preHandler: app.csrfProtection, schema: { body } },
    async () => item,
  );
  return app;
}

/** All steps; only the last one answers itself instead of asking a service, as the bare server does. */
async function steps(isObserved: boolean): Promise<FastifyInstance> {
  const policy = defineSecurity({
    application: { name: "bench", origin: ORIGIN },
    roles: { reader: {}, admin: { requires: "aal2" } },
    services: {
      api: {
        routes: {
          "GET /api/content": { allow: role("reader"), limit: "1000000/min" },
          "POST /api/content": { allow: role("reader"), limit: "1000000/min", body },
        },
      },
    },
  });
  const nowhere = {
    url: "https://127.0.0.1:1",
    certificate: { certificatePem: "", privateKeyPem: "", authorityPem: "" },
    authorityPem: "",
  };
  const many = { requests: 100_000_000, windowSeconds: 60 };
  return createGateway({
    policy,
    issuer: ISSUER,
    jwks: () => ({ keys: [jwk] }),
    isSessionEnded: () => false,
    upstreams: { api: nowhere, identity: nowhere, platform: nowhere },
    sites: { console: { directory: fileURLToPath(new URL("./site", import.meta.url)) } },
    emit: () => {},
    now: Date.now,
    limits: { address: many, unknown: many, tokenFailures: many },
    steps: replaceStep(gatewaySteps, "forward", (request) => {
      request.answer(200, "api", ["content-type", "application/json; charset=utf-8"], JSON.stringify(item));
      return "answered";
    }),
    ...(isObserved ? { observe: startObserver() } : {}),
  });
}

function build(variant: Variant): FastifyInstance | Promise<FastifyInstance> {
  switch (variant) {
    case "bare":
      return bare();
    case "plugins":
      return plugins();
    case "steps":
      return steps(false);
    case "steps-observed":
      return steps(true);
  }
}

const app = await build(process.argv[2] as Variant);
await app.listen({ port: 0, host: HOST });
const { port } = app.server.address() as AddressInfo;
process.send?.({ port, token });
process.on("message", (message) => {
  if (message === "usage") {
    const { user, system } = process.cpuUsage();
    process.send?.({ usedUs: user + system });
  } else process.exit(0);
});
process.once("disconnect", () => process.exit(0));
