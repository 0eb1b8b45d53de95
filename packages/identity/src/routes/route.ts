// What a route is: it adds itself to the application, and works with the context alone.
import type { FastifyInstance } from "fastify";
import type { IdentityContext } from "../identity-context.ts";

export type AddRoute = (app: FastifyInstance, context: IdentityContext) => void;
