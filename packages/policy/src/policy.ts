// The normal form of a security policy: what every layer reads. Plain, frozen, JSON-safe data; every default filled in,
// every duration in seconds, every list sorted where order has no meaning. `defineSecurity` is the only maker.
import type { Condition } from "./condition.ts";

/** Authenticator assurance level of a session: one factor, or two (NIST SP 800-63B, as Supabase names them). */
export type Assurance = "aal1" | "aal2";

/** A role and its place among the others. */
export interface RolePolicy {
  /** Every role whose rights this role has, itself not among them: the transitive closure of `includes`, sorted. */
  readonly includes: readonly string[];
  /** Every role that includes this one, and itself, sorted: who satisfies `role(name)`. */
  readonly heldBy: readonly string[];
  /** The role counts only in a session of at least this assurance. */
  readonly requires: Assurance;
  /** Nobody gives the role alone: an administrator asks, and another one approves. */
  readonly approval: boolean;
}

/** Column types as PostgreSQL names them. */
export type ColumnType =
  | "uuid"
  | "text"
  | "integer"
  | "bigint"
  | "boolean"
  | "timestamptz"
  | "date"
  | "numeric"
  | "jsonb";

/** How the values of a column are sealed before they reach the database. */
export interface SealedPolicy {
  /** Equal values can be found by a column beside it (`indexColumnOf`), which tells that they are equal. */
  readonly blindIndex: boolean;
  /** The column that says whose value it is: every subject has keys of their own, which can be destroyed. Null: one key for all. */
  readonly subject: string | null;
}

/** How much of a value is shown: first character and host, last four characters, nothing, or the year alone. */
export type Mask = "email" | "last4" | "redact" | "year";

/** What is shown of a column's values, and whom everything. */
export interface MaskedPolicy {
  readonly mask: Mask;
  readonly unmaskedFor: Condition;
}

/** A column of a table. */
export interface ColumnPolicy {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Whether a client may write it; `false` makes it read-only for every application role (column grants). */
  readonly writable: boolean;
  /** PostgreSQL holds sealed bytes only. Absent: the value is stored as it is. */
  readonly sealed?: SealedPolicy;
  /** Requests read it through a view that masks it. Absent: whoever sees the row sees the value. */
  readonly masked?: MaskedPolicy;
}

/** The four statements that conditions are written for. */
export type TableAction = "select" | "insert" | "update" | "delete";

/** A table and who may do what with its rows. */
export interface TablePolicy {
  /** Schema-qualified name parts; the schema is "public" unless the policy says otherwise. */
  readonly schema: string;
  readonly name: string;
  readonly primaryKey: string;
  readonly columns: Readonly<Record<string, ColumnPolicy>>;
  readonly select: Condition;
  readonly insert: Condition;
  /** Holds for the row before the change and for the row after it. */
  readonly update: Condition;
  readonly delete: Condition;
  /** A floor: holds of every row that any action reads or writes, whatever the action's own condition opens. Absent: none. */
  readonly within?: Condition;
  /** Every change of a row leaves a leaf in the audit log. Absent: changes leave none. */
  readonly audited?: true;
}

/** At most so many requests of one caller in a window. */
export interface Limit {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** HTTP methods that a route may have. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** JSON Schema (2020-12), as TypeBox and others produce it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** A route and who may call it. */
export interface RoutePolicy {
  readonly method: Method;
  /** Pattern as the router knows it: literal segments and `:name` segments, for example `/api/content/:id`. */
  readonly path: string;
  readonly allow: Condition;
  readonly limit: Limit;
  /** Schema of the request body, closed: unknown properties are refused. */
  readonly body?: JsonSchema;
  /** False: a request with a body is refused. True without `body`: the service validates the body itself (Holdfast's own only). */
  readonly takesBody: boolean;
  /** 0 where the route takes no body. */
  readonly bodyBytesMax: number;
}

/** A service behind the gateway. */
export interface ServicePolicy {
  /** `identity` and `platform` are Holdfast's own; `application` is the team's. */
  readonly kind: "application" | "identity" | "platform";
  readonly timeoutSeconds: number;
  readonly callers: readonly string[];
  readonly calls: readonly string[];
  /** Keyed by `"METHOD /path"`. */
  readonly routes: Readonly<Record<string, RoutePolicy>>;
}

/** A folder of built files served as HTML pages. */
export interface SitePolicy {
  readonly mount: string;
  /** Page patterns as full paths (mount included), for example `/content/:id`, and who may open them. Every other path is refused. */
  readonly pages: Readonly<Record<string, Condition>>;
  /** Where a visitor without a session, or without the right, is sent. */
  readonly signIn: string;
  readonly unauthorized: string;
}

/** A provider as the protocol knows it; `oidc` is any that OpenID Connect Discovery describes. */
export type ProviderKind = "google" | "github" | "apple" | "azure" | "oidc";

/** An OAuth 2.0 or OpenID Connect provider. Its secret is never here. */
export interface ProviderPolicy {
  readonly kind: ProviderKind;
  readonly clientId: string;
  /** The one issuer whose tokens are accepted; null: the kind's own. */
  readonly issuer: string | null;
  readonly scopes: readonly string[];
  /** An `email_verified` of this provider counts like the word of the mailbox's own: only an `oidc` provider needs it said. */
  readonly trustEmail: boolean;
  /** The key whose signature is the client secret (Apple); null: the secret is given as it is. */
  readonly signedSecret: { readonly teamId: string; readonly keyId: string } | null;
}

/** A secret that somebody gives the deployment, never its value. */
export interface SecretPolicy {
  readonly source: "vault" | "environment" | "file" | "aws";
  /** Its name there: in the vault, a variable, an absolute path, a name or ARN. */
  readonly at: string;
  /** How long a value may be used before its source is asked again. */
  readonly leaseSeconds: number;
  /** It should be replaced when it is older; null: nobody says. */
  readonly rotateSeconds: number | null;
}

/** The whole policy in normal form. */
export interface Policy {
  readonly kind: "policy";
  readonly application: { readonly name: string; readonly origin: string };
  readonly roles: Readonly<Record<string, RolePolicy>>;
  /** The role that may use the console and the platform's API, always together with aal2. */
  readonly platform: { readonly administrator: string };
  readonly identity: {
    readonly signUp: "open" | "closed";
    /** Roles a new account gets. */
    readonly defaultRoles: readonly string[];
    readonly email: {
      /** A sign-up counts only once its address is confirmed. */
      readonly confirm: boolean;
      /** Codes and links by email sign in. */
      readonly signIn: boolean;
      /** How long a code may be used that was sent, and a link that signs in. */
      readonly codeSeconds: number;
      /** How long the link of a confirmation or an invitation may be used. */
      readonly confirmationSeconds: number;
    };
    readonly phone: {
      /** Codes by text message sign in. */
      readonly signIn: boolean;
      /** What numbers that get text messages begin with (E.164 without its plus sign); none: any number. */
      readonly prefixes: readonly string[];
      /** Text messages an hour to the numbers of one country. */
      readonly perCountry: number;
    };
    /** Sign-up without an address or a password. */
    readonly anonymous: boolean;
    /** Where a link that was mailed, or a provider, may send the browser besides pages of the application's own origin; exact URLs. */
    readonly redirects: readonly string[];
    readonly password: {
      readonly minLength: number;
      readonly breached: "refuse" | "allow";
      /** Where leaked passwords are asked for besides the list that is shipped (the range protocol of Have I Been Pwned). */
      readonly breachRange: string | null;
      /** Cost of argon2id (RFC 9106). */
      readonly hash: { readonly memoryKib: number; readonly passes: number; readonly lanes: number };
    };
    readonly session: {
      readonly idleSeconds: number;
      readonly absoluteSeconds: number;
      readonly accessTokenSeconds: number;
      /** The newest session of an account ends its others. */
      readonly single: boolean;
    };
    readonly factors: {
      readonly totp: boolean;
      readonly webauthn: boolean;
      readonly phone: boolean;
      readonly recoveryCodes: boolean;
    };
    /** Sign-in with a passkey alone. */
    readonly passkeys: boolean;
    /** Whether somebody may link further identities to their account. */
    readonly linking: boolean;
    /** May an administrator act as somebody else, with a reason and for minutes only? */
    readonly impersonation: boolean;
    /** Keyed by the name that `/authorize?provider=` gives. */
    readonly providers: Readonly<Record<string, ProviderPolicy>>;
    readonly oauthServer: { readonly on: boolean; readonly registration: boolean };
    readonly lockout: { readonly attempts: number; readonly windowSeconds: number };
    /** Accounts live in a hosted Supabase project at this origin. */
    readonly hosted: { readonly url: string } | null;
  };
  readonly tables: Readonly<Record<string, TablePolicy>>;
  readonly services: Readonly<Record<string, ServicePolicy>>;
  readonly sites: Readonly<Record<string, SitePolicy>>;
  readonly browser: {
    /** Allowed Permissions-Policy features; every other known feature is denied. */
    readonly features: readonly string[];
    readonly hstsSeconds: number;
    /** Extra exact origins for connect-src; none by default. */
    readonly connect: readonly string[];
  };
  readonly monitoring: {
    readonly failedLogins: { readonly atLeast: number; readonly windowSeconds: number };
    readonly apiErrorsAbove: number;
    readonly loadAbove: number;
    readonly memoryAbove: number;
    readonly diskAbove: number;
  };
  readonly targets: {
    readonly uptime: number;
    readonly incidentResponseSeconds: number;
    readonly patchSeconds: number;
    readonly backups: number;
    readonly compliance: number;
  };
  /** Secrets that somebody gives the deployment, by the name under which they are asked for. */
  readonly secrets: Readonly<Record<string, SecretPolicy>>;
  readonly continuity: {
    /** Null: this deployment makes none. */
    readonly backups: {
      readonly everySeconds: number;
      readonly keepSeconds: number;
      /** Those in between are incremental; null: each is full. */
      readonly fullEverySeconds: number | null;
    } | null;
    /** How much may be lost; 0: commits wait until they are archived. */
    readonly recoveryPointSeconds: number;
    /** How long they wait while the archive is away before they go on without it; null: until it is back. */
    readonly degradeAfterSeconds: number | null;
    /** How long it may take until the restored data answers. */
    readonly recoveryTimeSeconds: number;
    /** Standbys that answer reads. */
    readonly replicas: number;
  };
}
