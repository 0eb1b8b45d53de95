import { browserOf } from "../provider/browser-cookie.ts";
import { completeProviderSignIn } from "../provider/complete-sign-in.ts";
import { withParameters } from "../provider/return-url.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const found = 302;
const seeOther = 303;
const valueCharactersMax = 4096;

/** Only what the protocol knows; each of it is one text. */
const parameter = { type: "string", maxLength: valueCharactersMax } as const;
const answer = {
  type: "object",
  properties: { code: parameter, state: parameter, iss: parameter, error: parameter, error_description: parameter },
} as const;

type Answer = Readonly<Record<string, string>>;
const names = Object.keys(answer.properties);

const known = (given: Answer): Answer =>
  Object.fromEntries(
    Object.entries(given).filter(([name, value]) => names.includes(name) && typeof value === "string"),
  );

/** GET /callback?code&state&iss → 302 to the application, with the session in the fragment or a code for it. */
export const providerCallback: AddRoute = (app, context) => {
  app.get<{ Querystring: Answer }>("/callback", { schema: { querystring: answer } }, async (request, reply) => {
    const caller = callerOf(request);
    return reply.redirect(
      await completeProviderSignIn(context, caller, known(request.query), browserOf(request)),
      found,
    );
  });
};

/**
 * POST /callback (Apple's form_post) → 303 to the same with GET: a form from another site comes without our cookie, the
 * navigation that follows it brings it. Nothing is decided here.
 */
export const providerCallbackForm: AddRoute = (app, context) => {
  const options = { schema: { body: answer }, config: { form: "only" as const } };
  app.post<{ Body: Answer }>("/callback", options, async (request, reply) =>
    reply.redirect(withParameters(`${context.issuer}/callback`, known(request.body)), seeOther),
  );
};
