// What another application asks for, and the person's answer: identity's OAuth server.
import { holdfast } from "../app/session.ts";

export interface ConsentRequest {
  readonly authorization_id: string;
  readonly redirect_uri: string;
  readonly client: { readonly name: string; readonly uri: string };
  readonly scope: string;
}

/** Where to go when nothing has to be asked, or the answer was given. */
export interface ConsentAnswer {
  readonly redirect_url: string;
}

const { secureFetch } = holdfast;
const pathOf = (id: string): string => `/auth/v1/oauth/authorizations/${encodeURIComponent(id)}`;

export const consentApi = {
  async read(id: string): Promise<ConsentRequest | ConsentAnswer> {
    return (await secureFetch(pathOf(id))).json();
  },
  async answer(id: string, action: "approve" | "deny"): Promise<ConsentAnswer> {
    return (await secureFetch(`${pathOf(id)}/consent`, { method: "POST", json: { action } })).json();
  },
};
