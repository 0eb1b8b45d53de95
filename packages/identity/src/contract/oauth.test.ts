// The OAuth 2.1 server as auth-js drives it: the consent page's methods and the administrator's.
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import {
  authorize,
  authorizeQuery,
  idIn,
  redirectUri,
  register,
  room,
  serviceKey,
  startServer,
} from "../testing/oauth-server.ts";
import { goodPassword } from "../testing/start-identity.ts";

beforeAll(startServer);
afterAll(() => room.stop());

async function signedIn() {
  const person = await room.person();
  const client = contractClient(room);
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  return { client, person };
}

/** A request of a client that waits for somebody's decision. */
async function asked() {
  const registered = await register({ token_endpoint_auth_method: "none" });
  return { registered, id: idIn(await authorize(await authorizeQuery(registered))) };
}

const administrator = () => contractClient(room, { Authorization: `Bearer ${serviceKey()}` }).admin.oauth;
const wish = { client_name: "Reader's desk", redirect_uris: [redirectUri] };

contract("oauth.getAuthorizationDetails", "says who asks for what", async () => {
  const { client, person } = await signedIn();
  const { registered, id } = await asked();
  const { data, error } = await client.oauth.getAuthorizationDetails(id);
  expect(error).toBeNull();
  expect(data).toEqual({
    authorization_id: id,
    redirect_uri: redirectUri,
    client: { id: registered.client_id, name: "Reader's desk", uri: "", logo_uri: "" },
    user: { id: person.id, email: person.email },
    scope: "openid email",
  });
  expect((await client.oauth.getAuthorizationDetails(person.id)).error?.code).toBe("oauth_authorization_not_found");
});

contract("oauth.approveAuthorization", "gives the client a code", async () => {
  const { client } = await signedIn();
  const { id } = await asked();
  const { data, error } = await client.oauth.approveAuthorization(id, { skipBrowserRedirect: true });
  expect(error).toBeNull();
  expect(data?.redirect_url).toMatch(/^https:\/\/client\.example\.test\/back\?code=[\w-]{43}&state=s1&iss=/);
});

contract("oauth.denyAuthorization", "tells the client that it was refused", async () => {
  const { client } = await signedIn();
  const { id } = await asked();
  const { data, error } = await client.oauth.denyAuthorization(id, { skipBrowserRedirect: true });
  expect(error).toBeNull();
  expect(new URL(data?.redirect_url ?? "").searchParams.get("error")).toBe("access_denied");
});

contract("oauth.listGrants", "tells what was granted to whom", async () => {
  const { client } = await signedIn();
  const { id, registered } = await asked();
  expect((await client.oauth.listGrants()).data).toEqual([]);
  await client.oauth.approveAuthorization(id, { skipBrowserRedirect: true });
  const { data } = await client.oauth.listGrants();
  expect(data).toMatchObject([
    { client: { id: registered.client_id }, scopes: ["openid", "email"], granted_at: expect.any(String) },
  ]);
});

contract("oauth.revokeGrant", "takes a grant back", async () => {
  const { client } = await signedIn();
  const { id, registered } = await asked();
  await client.oauth.approveAuthorization(id, { skipBrowserRedirect: true });
  expect((await client.oauth.revokeGrant({ clientId: registered.client_id })).error).toBeNull();
  expect((await client.oauth.revokeGrant({ clientId: registered.client_id })).error?.code).toBe(
    "oauth_consent_not_found",
  );
});

contract("admin.oauth.createClient", "shows the secret once", async () => {
  const { data, error } = await administrator().createClient(wish);
  expect(error).toBeNull();
  expect(data).toMatchObject({
    client_name: "Reader's desk",
    client_secret: expect.stringMatching(/^[\w-]{43}$/),
    client_type: "confidential",
    token_endpoint_auth_method: "client_secret_basic",
    registration_type: "manual",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  });
});

contract("admin.oauth.listClients", "tells them page by page", async () => {
  await administrator().createClient(wish);
  const { data, error } = await administrator().listClients({ page: 1, perPage: 1 });
  expect(error).toBeNull();
  expect(data.clients).toHaveLength(1);
  expect(data).toMatchObject({ aud: "authenticated", total: expect.any(Number) });
});

contract("admin.oauth.getClient", "tells one, without its secret", async () => {
  const made = await administrator().createClient(wish);
  const { data, error } = await administrator().getClient(made.data?.client_id ?? "");
  expect(error).toBeNull();
  expect(data).not.toHaveProperty("client_secret");
});

contract("admin.oauth.updateClient", "changes what is given and nothing else", async () => {
  const made = await administrator().createClient(wish);
  const { data, error } = await administrator().updateClient(made.data?.client_id ?? "", { client_name: "Desk" });
  expect(error).toBeNull();
  expect(data).toMatchObject({ client_name: "Desk", redirect_uris: [redirectUri] });
});

contract("admin.oauth.regenerateClientSecret", "gives a new secret", async () => {
  const made = await administrator().createClient(wish);
  const { data, error } = await administrator().regenerateClientSecret(made.data?.client_id ?? "");
  expect(error).toBeNull();
  expect(data?.client_secret).toMatch(/^[\w-]{43}$/);
  expect(data?.client_secret).not.toBe(made.data?.client_secret);
});

contract("admin.oauth.deleteClient", "removes one", async () => {
  const made = await administrator().createClient(wish);
  expect((await administrator().deleteClient(made.data?.client_id ?? "")).error).toBeNull();
  const gone = await administrator().getClient(made.data?.client_id ?? "");
  expect(gone.error).toMatchObject({ status: 404, code: "oauth_client_not_found" });
});
