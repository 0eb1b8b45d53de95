// What an author writes. Everything that has a safe default may be left out; `defineSecurity` fills it in.
import type { Comparison, Condition, Scalar } from "./condition.ts";
import type { Bytes, Duration, LimitText } from "./measure.ts";
import type { Assurance, ColumnType, JsonSchema, Mask, Method, ProviderKind } from "./policy.ts";

/** A column with more to say than its type. */
export interface ColumnInput {
  readonly type: ColumnType;
  /** Default false. */
  readonly nullable?: boolean;
  /** Default true: a client may write it where the row's conditions allow. */
  readonly writable?: boolean;
  /** Default: stored as it is. `true`, or an object: sealed before it reaches the database; text and jsonb only. */
  readonly sealed?: true | SealedInput;
  /** Default: shown to whoever sees the row. Otherwise read through the table's masked view, where this much of it is shown. */
  readonly masked?: Mask;
  /** Default nobody: who sees the value itself. */
  readonly unmaskedFor?: Condition;
}

/** How a column is sealed. */
export interface SealedInput {
  /** Default false: equal values cannot be found. */
  readonly blindIndex?: boolean;
  /** A uuid column that says whose value it is: their keys can be destroyed. Not together with `blindIndex`. */
  readonly subject?: string;
}

/** Columns by name. */
export type ColumnsInput = Readonly<Record<string, ColumnType | ColumnInput>>;
/** The columns of every table, by table name: what conditions are checked against. */
export type TablesInput = Readonly<Record<string, ColumnsInput>>;

type Name<T> = Extract<keyof T, string>;

/** A condition about the subject alone, for routes and pages. */
export type SubjectCondition<Role extends string> =
  | { readonly kind: "anyone" }
  | { readonly kind: "nobody" }
  | { readonly kind: "signedIn" }
  | { readonly kind: "role"; readonly role: Role }
  | { readonly kind: "assurance"; readonly level: "aal2" }
  | { readonly kind: "service" }
  | { readonly kind: "all"; readonly of: readonly SubjectCondition<Role>[] }
  | { readonly kind: "any"; readonly of: readonly SubjectCondition<Role>[] }
  | { readonly kind: "not"; readonly of: SubjectCondition<Role> };

/** Names of the columns of one type. */
type NameOfType<Columns extends ColumnsInput, Type extends ColumnType> = {
  [C in Name<Columns>]: Columns[C] extends Type | { readonly type: Type } ? C : never;
}[Name<Columns>];

/** A condition about the subject and a row, for tables. */
export type RowCondition<Role extends string, Columns extends ColumnsInput, Tables extends TablesInput> =
  | { readonly kind: "anyone" }
  | { readonly kind: "nobody" }
  | { readonly kind: "signedIn" }
  | { readonly kind: "role"; readonly role: Role }
  | { readonly kind: "assurance"; readonly level: "aal2" }
  | { readonly kind: "owner"; readonly column: NameOfType<Columns, "uuid"> }
  | {
      readonly kind: "compare";
      readonly column: Name<Columns>;
      readonly operator: Comparison;
      readonly value: Scalar;
    }
  | { readonly kind: "oneOf"; readonly column: Name<Columns>; readonly values: readonly Scalar[] }
  | { readonly kind: "isNull"; readonly column: Name<Columns> }
  | { readonly kind: "time"; readonly column: NameOfType<Columns, "timestamptz">; readonly is: "future" | "past" }
  | { [T in Name<Tables>]: MemberCondition<Name<Columns>, T, Tables[T]> }[Name<Tables>]
  | { readonly kind: "all"; readonly of: readonly RowCondition<Role, Columns, Tables>[] }
  | { readonly kind: "any"; readonly of: readonly RowCondition<Role, Columns, Tables>[] }
  | { readonly kind: "not"; readonly of: RowCondition<Role, Columns, Tables> };

interface MemberCondition<Column extends string, Table extends string, Of extends ColumnsInput> {
  readonly kind: "member";
  readonly column: Column;
  readonly table: Table;
  readonly group: Name<Of>;
  readonly subject: NameOfType<Of, "uuid">;
  readonly where?: { readonly column: Name<Of>; readonly values: readonly Scalar[] };
  readonly until?: NameOfType<Of, "timestamptz">;
}
/** A role. */
export interface RoleInput<Role extends string> {
  /** Roles whose rights this one has as well. */
  readonly includes?: readonly Role[];
  /** The role counts only in a session of at least this assurance. Default "aal1". */
  readonly requires?: Assurance;
  /** Another administrator must approve a grant of the role. Default: whether it requires "aal2" or includes a role that needs approval. */
  readonly approval?: boolean;
}

/** A table and its conditions. */
export interface TableInput<Columns extends ColumnsInput, Role extends string, Tables extends TablesInput> {
  /** Default "public". */
  readonly schema?: string;
  /** The table's name in PostgreSQL; by default the key under which it stands here. */
  readonly name?: string;
  /** Default "id". */
  readonly primaryKey?: NoInfer<Name<Columns>>;
  readonly columns: Columns;
  /** Each action is closed unless it is named. */
  readonly select?: RowCondition<NoInfer<Role>, NoInfer<Columns>, NoInfer<Tables>>;
  readonly insert?: RowCondition<NoInfer<Role>, NoInfer<Columns>, NoInfer<Tables>>;
  readonly update?: RowCondition<NoInfer<Role>, NoInfer<Columns>, NoInfer<Tables>>;
  readonly delete?: RowCondition<NoInfer<Role>, NoInfer<Columns>, NoInfer<Tables>>;
  /** Default: no floor. Asked in addition to every action's own condition, so that none of them can open more: the tenant, usually. */
  readonly within?: RowCondition<NoInfer<Role>, NoInfer<Columns>, NoInfer<Tables>>;
  /** Default false: true keeps who changed which row and when in the audit log, whose Merkle tree shows what was tampered with. */
  readonly audited?: boolean;
}

/** A route of a service. */
export interface RouteInput<Role extends string> {
  readonly allow: SubjectCondition<Role>;
  /** For each caller. Default "120/min". */
  readonly limit?: LimitText;
  /** Closed JSON Schema of the body. Without it the route takes no body. */
  readonly body?: JsonSchema;
  /** Default "64KiB". */
  readonly bodyBytesMax?: Bytes;
}

/** A service of the application. */
export interface ServiceInput<Role extends string> {
  /** How long the gateway waits for an answer. Default "5s". */
  readonly timeout?: Duration;
  /** Who may connect to it. Default ["gateway"]. */
  readonly callers?: readonly string[];
  /** Whom it may connect to. Default ["postgres"]. */
  readonly calls?: readonly string[];
  readonly routes: { readonly [route in `${Method} /${string}`]?: RouteInput<Role> };
}

/** A folder of pages. */
export interface SiteInput<Role extends string> {
  readonly mount: `/${string}`;
  /** Full paths and who may open them; every other path is refused. */
  readonly pages: { readonly [page in `/${string}`]?: SubjectCondition<Role> };
  readonly signIn: `/${string}`;
  readonly unauthorized: `/${string}`;
}

/** How people sign in. */
export interface IdentityInput<Role extends string> {
  /** Default "closed": only an administrator creates accounts. */
  readonly signUp?: "open" | "closed";
  /** Default none. */
  readonly defaultRoles?: readonly Role[];
  /** Default: an address is confirmed before its sign-up counts, codes and links sign in and live "10m", the link of a confirmation "1h". */
  readonly email?: {
    readonly confirm?: boolean;
    readonly signIn?: boolean;
    readonly code?: Duration;
    readonly confirmation?: Duration;
  };
  /** Default: no sign-in by phone, numbers of any country, 200 messages an hour to each country. */
  readonly phone?: {
    readonly signIn?: boolean;
    readonly prefixes?: readonly string[];
    readonly perCountry?: number;
  };
  /** Default false. */
  readonly anonymous?: boolean;
  /** Default none: pages of the application's own origin only. */
  readonly redirects?: readonly string[];
  /** Default 12 characters, and passwords known from breaches are refused. */
  readonly password?: {
    readonly minLength?: number;
    readonly breached?: "refuse" | "allow";
    /** For example "https://api.pwnedpasswords.com/range"; default none: only the list that is shipped is known. */
    readonly breachRange?: string | null;
    /** Default 19456 KiB, 2 passes, 1 lane. */
    readonly hash?: { readonly memoryKib?: number; readonly passes?: number; readonly lanes?: number };
  };
  /** Default idle "30m", absolute "12h", accessToken "10m", and as many sessions as somebody has devices. */
  readonly session?: {
    readonly idle?: Duration;
    readonly absolute?: Duration;
    readonly accessToken?: Duration;
    readonly single?: boolean;
  };
  /** Default TOTP, WebAuthn and recovery codes. */
  readonly factors?: {
    readonly totp?: boolean;
    readonly webauthn?: boolean;
    readonly phone?: boolean;
    readonly recoveryCodes?: boolean;
  };
  /** Default true. */
  readonly passkeys?: boolean;
  /** Default false. */
  readonly linking?: boolean;
  /** Administrators may act as somebody else, with a reason, at most 30 minutes. Default false. */
  readonly impersonation?: boolean;
  /** Default none. */
  readonly providers?: Readonly<Record<string, ProviderInput>>;
  /** Default off. */
  readonly oauthServer?: { readonly on?: boolean; readonly registration?: boolean };
  /** Default 10 failures in "15m". */
  readonly lockout?: { readonly attempts?: number; readonly window?: Duration };
  /** Default: accounts live in our own PostgreSQL. */
  readonly hosted?: { readonly url: string } | null;
}

/** Where a secret is kept. */
export interface SecretInput {
  readonly source: "vault" | "environment" | "file" | "aws";
  /** Its name there. Default, in the vault: its own. */
  readonly at?: string;
  /** How long a value may be used before its source is asked again; 1s to 1h. Default "1m". */
  readonly lease?: Duration;
  /** How old it may become; 1d to 366d. Default: nobody says. */
  readonly rotate?: Duration;
}

/** An OAuth 2.0 or OpenID Connect provider; its secret belongs into the vault. */
export interface ProviderInput {
  /** Default: the kind that the provider's name says. */
  readonly kind?: ProviderKind;
  readonly clientId: string;
  /** Needed for "azure" and "oidc". */
  readonly issuer?: string | null;
  /** Default: what tells who somebody is and their address. */
  readonly scopes?: readonly string[];
  /** An "oidc" provider's `email_verified` makes and finds accounts by their address. Default false. */
  readonly trustEmail?: boolean;
  /** For "apple", together with `keyId`: the secret is then the private key of that id, and client secrets are signed with it. */
  readonly teamId?: string;
  readonly keyId?: string;
}

/** What pages may use. */
export interface BrowserInput {
  readonly features?: readonly string[];
  /** Default "730d". */
  readonly hsts?: Duration;
  readonly connect?: readonly string[];
}

/** Thresholds of alerts. */
export interface MonitoringInput {
  /** Default 5 in "1m". */
  readonly failedLogins?: { readonly atLeast?: number; readonly per?: Duration };
  /** Default above 0.01. */
  readonly apiErrors?: { readonly above?: number };
  /** Defaults 0.8, 0.9 and 0.85. */
  readonly load?: number;
  readonly memory?: number;
  readonly disk?: number;
}

/** Targets of the key performance indicators. */
export interface TargetsInput {
  /** Default 0.9999. */
  readonly uptime?: number;
  /** Default "1h". */
  readonly incidentResponse?: Duration;
  /** Default "24h". */
  readonly patch?: Duration;
  /** Default 1, that is all of them. */
  readonly backups?: number;
  readonly compliance?: number;
}

/** How the application goes on after a loss. */
export interface ContinuityInput {
  /**
   * Base backups, each proven by a restore; `{}` for the defaults "1h" and "30d", none unless given. With `fullEvery` those in between
   * hold only what has changed (PostgreSQL 17).
   */
  readonly backups?: { readonly every?: Duration; readonly keep?: Duration; readonly fullEvery?: Duration };
  /** How much may be lost. Default "5m"; "0s": commits wait until they are archived. */
  readonly recoveryPoint?: Duration;
  /** With `recoveryPoint: "0s"`: after so long without the archive commits go on, and somebody is told. Never unless given. */
  readonly degradeAfter?: Duration;
  /** How long it may take until the restored data answers. Default "15m". */
  readonly recoveryTime?: Duration;
  /** Standbys that answer reads, 0 to 8. Default 0. */
  readonly replicas?: number;
}

/** The input of `defineSecurity`. `Role` and `Tables` are inferred from what it declares. */
export interface SecurityInput<Role extends string = string, Tables extends TablesInput = TablesInput> {
  readonly application: { readonly name: string; readonly origin: string };
  /** The role that may use the console and the platform's API. Default "admin"; it must require aal2. */
  readonly platform?: { readonly administrator?: NoInfer<Role> };
  readonly roles: { readonly [R in Role]: RoleInput<NoInfer<Role>> };
  readonly identity?: IdentityInput<NoInfer<Role>>;
  readonly tables?: { readonly [T in keyof Tables]: TableInput<Tables[T], Role, Tables> };
  readonly services?: Readonly<Record<string, ServiceInput<NoInfer<Role>>>>;
  readonly sites?: Readonly<Record<string, SiteInput<NoInfer<Role>>>>;
  readonly browser?: BrowserInput;
  readonly monitoring?: MonitoringInput;
  readonly targets?: TargetsInput;
  readonly continuity?: ContinuityInput;
  /** Secrets that somebody gives the deployment; their values never stand here. `smtpUrl`, `smsSecret` and `provider.<name>` are used by Holdfast. */
  readonly secrets?: Readonly<Record<string, SecretInput>>;
}
