// Identity where accounts live in a hosted Supabase project. It keeps no account and signs nobody in: it brings the project's keys,
// so that gateway, services and row-level security believe its tokens, and signs only the service key of this deployment.

import { randomUUID } from "node:crypto";
import type { ServerOptions } from "node:https";
import type { EmitEvent, Policy } from "@holdfast/policy";
import Fastify, { type FastifyInstance } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { Identity } from "../identity.ts";
import type { SigningKeys } from "../key/signing-keys.ts";
import { sendError } from "../request/error-answer.ts";
import { routes } from "../routes.ts";
import { signOperatorKey, signServiceKey } from "../token/access-token.ts";
import { createRemoteKeys } from "./remote-keys.ts";

export interface HostedIdentityOptions {
  readonly policy: Policy;
  readonly keys: SigningKeys;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly serverOptions?: ServerOptions;
}

/** What tokens are verified with: the project's keys for persons, our own for the service key. */
export interface HostedIdentity
  extends Pick<Identity, "app" | "issueServiceKey" | "issueOperatorKey" | "jwks" | "keySetVersion"> {
  /** `<project>/auth/v1`: the one issuer that is believed. */
  readonly issuer: string;
  /** The same keys, read anew where `kid` is unknown. */
  jwksWith(kid: string): Promise<ReturnType<Identity["jwks"]>>;
  /** False while the project's keys cannot be told. */
  areKeysKnown(): boolean;
}

const own = { "GET /health": true, "GET /.well-known/jwks.json": true } as const;

/** Reads the project's keys once; whether that worked is told by `areKeysKnown`. @throws TypeError the policy names no project */
export async function createHostedIdentity(options: HostedIdentityOptions): Promise<HostedIdentity> {
  const { policy, keys, emit, now } = options;
  const { hosted } = policy.identity;
  if (hosted === null) throw new TypeError("The policy names no hosted project.");
  const issuer = `${hosted.url}/auth/v1`;
  const remote = createRemoteKeys({ url: hosted.url, now, emit });
  await remote.refresh();
  const together = (theirs: ReturnType<typeof remote.current>) => ({ keys: [...ownKeys(keys), ...theirs] });
  const secure = options.serverOptions === undefined ? {} : { https: options.serverOptions };
  const app = Fastify({ logger: false, ...secure }) as unknown as FastifyInstance;
  app.addHook("onSend", async (_request, reply) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  });
  app.addHook("onReady", async () => remote.watch());
  app.addHook("onClose", async () => remote.stop());
  addRoutes(app, issuer, keys);
  return {
    app,
    issuer,
    issueServiceKey: () => signServiceKey({ keys, issuer, now }, randomUUID()),
    issueOperatorKey: () => signOperatorKey({ keys, issuer, now }),
    jwks: () => together(remote.current()),
    jwksWith: async (kid) => together(await remote.withKey(kid)),
    keySetVersion: () => remote.version(),
    areKeysKnown: () => remote.areKnown(),
  };
}

/** They sign service keys and nothing else: a person's token under one of them is refused. */
const ownKeys = (keys: SigningKeys) => keys.published().keys.map((key) => ({ ...key, holdfast_subject: "service" }));

/** Nobody signs in here: each route says where. Passing requests on would lend the project our address and our cookies. */
function addRoutes(app: FastifyInstance, issuer: string, keys: SigningKeys): void {
  app.get("/health", () => ({ name: "Holdfast", description: `Accounts live at ${issuer}` }));
  app.get("/.well-known/jwks.json", () => keys.published());
  // Whatever the body is, it is not read.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  const message = `Accounts of this application live in a hosted project; send this request to ${issuer}`;
  for (const route of Object.keys(routes).filter((name) => !Object.hasOwn(own, name))) {
    const [method = "", url = ""] = route.split(" ");
    app.route({
      method,
      url,
      handler: (request, reply) => sendError(request, reply, new IdentityError("feature_disabled", { message })),
    });
  }
  app.setNotFoundHandler((request, reply) => sendError(request, reply, new IdentityError("route_not_found")));
}
