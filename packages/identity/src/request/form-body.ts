// Forms, where a protocol sends them (RFC 6749 §3.2, OAuth 2.0 Form Post Response Mode), and nowhere else: a form is what another
// site's page can send without asking.
import type { FastifyInstance } from "fastify";
import { IdentityError } from "../error/identity-error.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Takes forms beside JSON, or nothing but forms. */
    readonly form?: "also" | "only";
  }
}

const formType = "application/x-www-form-urlencoded";
const notJson = () => new IdentityError("bad_json", { message: "The request body must be application/json" });

/** A parameter that is there twice is refused (RFC 6749 §3.1). @throws IdentityError validation_failed */
function fieldsOf(text: string): Record<string, string> {
  const fields = [...new URLSearchParams(text)];
  const names = new Set(fields.map(([name]) => name));
  if (names.size !== fields.length) {
    throw new IdentityError("validation_failed", { message: "A parameter is there more than once" });
  }
  return Object.fromEntries(fields.filter(([name]) => name !== "__proto__"));
}

export function readForm(app: FastifyInstance): void {
  app.addContentTypeParser(formType, { parseAs: "string" }, (request, text, done) => {
    if (request.routeOptions.config.form === undefined) done(notJson());
    else {
      try {
        done(null, fieldsOf(text as string));
      } catch (error) {
        // Fastify takes an error by its callback only.
        done(error as Error);
      }
    }
  });
}
