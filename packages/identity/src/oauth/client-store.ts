// OAuth clients in PostgreSQL.
import type { Database } from "../database.ts";
import { uuidPattern } from "../request/body-schema.ts";
import type { ClientAuthentication, OAuthClient } from "./oauth-client.ts";

interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly client_type: OAuthClient["type"];
  readonly token_endpoint_auth_method: ClientAuthentication;
  readonly registration_type: OAuthClient["registration"];
  readonly secret_hash: Buffer | null;
  readonly client_uri: string | null;
  readonly logo_uri: string | null;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly scope: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const columns = `c.id, c.name, c.client_type, c.token_endpoint_auth_method, c.registration_type, c.secret_hash, c.client_uri,
  c.logo_uri, c.redirect_uris, c.grant_types, c.scope, c.created_at, c.updated_at`;

const clientFromRow = (row: ClientRow): OAuthClient => ({
  id: row.id,
  name: row.name,
  type: row.client_type,
  authentication: row.token_endpoint_auth_method,
  registration: row.registration_type,
  secretHash: row.secret_hash,
  uri: row.client_uri,
  logoUri: row.logo_uri,
  redirectUris: row.redirect_uris,
  grantTypes: row.grant_types,
  scope: row.scope,
  createdAt: row.created_at.getTime(),
  updatedAt: row.updated_at.getTime(),
});

export async function insertClient(database: Database, client: OAuthClient): Promise<void> {
  await database.query(
    `insert into auth.oauth_clients (id, name, client_type, token_endpoint_auth_method, registration_type, secret_hash,
       client_uri, logo_uri, redirect_uris, grant_types, scope, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
    [
      client.id,
      client.name,
      client.type,
      client.authentication,
      client.registration,
      client.secretHash,
      client.uri,
      client.logoUri,
      client.redirectUris,
      client.grantTypes,
      client.scope,
      new Date(client.createdAt),
    ],
  );
}

/** The client, or null; also for what is no id at all. */
export async function findClient(database: Database, id: string): Promise<OAuthClient | null> {
  if (!uuidPattern.test(id)) return null;
  const { rows } = await database.query<ClientRow>(`select ${columns} from auth.oauth_clients c where c.id = $1`, [id]);
  return rows[0] === undefined ? null : clientFromRow(rows[0]);
}

const redirectsMax = 100;

/** Redirect URIs of public clients that begin with the origin. Whoever asks still compares the whole origin. */
export async function publicRedirectUris(database: Database, origin: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ uri: string }>(
    `select uri from auth.oauth_clients c, unnest(c.redirect_uris) uri
     where c.client_type = 'public' and starts_with(uri, $1) limit $2`,
    [origin, redirectsMax],
  );
  return rows.map(({ uri }) => uri);
}

/** Newest first; `page` counts from 1. */
export async function listClients(
  database: Database,
  page: number,
  perPage: number,
): Promise<{ readonly clients: readonly OAuthClient[]; readonly total: number }> {
  const { rows } = await database.query<ClientRow>(
    `select ${columns} from auth.oauth_clients c order by c.created_at desc, c.id limit $1 offset $2`,
    [perPage, (page - 1) * perPage],
  );
  const count = await database.query<{ total: number }>("select count(*)::int as total from auth.oauth_clients", []);
  return { clients: rows.map(clientFromRow), total: count.rows[0]?.total ?? 0 };
}

/** The client as it is after the change; null when there is none. */
export async function updateClient(database: Database, client: OAuthClient, now: number): Promise<OAuthClient | null> {
  const { rows } = await database.query<ClientRow>(
    `update auth.oauth_clients c set name = $2, client_type = $3, token_endpoint_auth_method = $4, secret_hash = $5,
       client_uri = $6, logo_uri = $7, redirect_uris = $8, grant_types = $9, updated_at = $10
     where c.id = $1 returning ${columns}`,
    [
      client.id,
      client.name,
      client.type,
      client.authentication,
      client.secretHash,
      client.uri,
      client.logoUri,
      client.redirectUris,
      client.grantTypes,
      new Date(now),
    ],
  );
  return rows[0] === undefined ? null : clientFromRow(rows[0]);
}

/** Removes a client that has no session any more; one that has is kept by the database. */
export async function deleteClient(database: Database, id: string): Promise<boolean> {
  const { rows } = await database.query("delete from auth.oauth_clients where id = $1 returning id", [id]);
  return rows.length === 1;
}
