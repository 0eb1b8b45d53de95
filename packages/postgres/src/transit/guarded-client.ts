// A client that makes the server prove itself before it is told anything (RFC 5802): SCRAM-SHA-256 to the end, bound to the TLS
// channel where there is one (RFC 5929 §4). A server that asks for the password itself, for its MD5, or for nothing is refused.
import pg from "pg";

/** What a server may ask for, in libpq's words (PostgreSQL, §32.1.2 require_auth). */
export type RequiredAuthentication = "scram-sha-256" | "md5" | "password" | "none";
/** libpq's channel_binding. */
export type ChannelBinding = "require" | "prefer" | "disable";

/** How to connect, and what to demand of who answers. */
export interface GuardedSettings extends pg.ClientConfig {
  /** What the server may ask for; SCRAM alone unless given. */
  readonly requireAuth?: RequiredAuthentication | undefined;
  /** Unless given: `require` over TLS, and nothing to bind to without it. */
  readonly channelBinding?: ChannelBinding | undefined;
}

/** The server did not prove itself, or asked for more than it may know. */
export class AuthenticationError extends Error {
  readonly code = "HOLDFAST_AUTHENTICATION";
  readonly asked: string;
  readonly demanded: string;

  constructor(asked: string, demanded: string) {
    super(`the server asked for ${asked} where ${demanded} was demanded`);
    this.name = "AuthenticationError";
    this.asked = asked;
    this.demanded = demanded;
  }
}

const PLUS = "SCRAM-SHA-256-PLUS";

/** The parts of pg's client and connection that its types leave out. pg is pinned to one exact version because of them. */
interface Handlers {
  enableChannelBinding: boolean;
  readonly connection: {
    readonly stream: { destroy(): void };
    emit(event: "error", error: Error): void;
    on(event: "authenticationOk", listener: () => void): void;
  };
  saslSession: { readonly mechanism: string } | null;
  _handleAuthCleartextPassword(message: unknown): void;
  _handleAuthMD5Password(message: unknown): void;
  _handleAuthSASL(message: { readonly mechanisms: readonly string[] }): void;
  _handleAuthSASLFinal(message: unknown): void;
}

/** pg attaches its handlers by these names when it connects, so ours, set on the instance, come in their place. */
export class GuardedClient extends pg.Client {
  constructor(config?: GuardedSettings) {
    const hasTls = config?.ssl !== undefined && config.ssl !== false;
    const binding = config?.channelBinding ?? (hasTls ? "require" : "disable");
    super(config); // Not a copy: pg-pool hides the password from being copied.
    (this as unknown as Handlers).enableChannelBinding = binding !== "disable" && hasTls;
    guard(this as unknown as Handlers, config?.requireAuth ?? "scram-sha-256", hasTls && binding === "require");
  }
}

function guard(client: Handlers, demanded: RequiredAuthentication, mustBind: boolean): void {
  let proven: RequiredAuthentication = "none";
  const refuse = (asked: string, instead: string = demanded): void => {
    client.connection.emit("error", new AuthenticationError(asked, instead));
    client.connection.stream.destroy();
  };
  const askFor = (kind: "md5" | "password", next: (message: unknown) => void) => (message: unknown) => {
    if (demanded !== kind) return refuse(kind);
    proven = kind;
    next.call(client, message);
  };
  client._handleAuthCleartextPassword = askFor("password", client._handleAuthCleartextPassword);
  client._handleAuthMD5Password = askFor("md5", client._handleAuthMD5Password);
  const start = client._handleAuthSASL;
  client._handleAuthSASL = (message) => {
    if (demanded !== "scram-sha-256") return refuse("scram-sha-256");
    if (mustBind && !message.mechanisms.includes(PLUS)) return refuse(message.mechanisms.join(", "), PLUS);
    start.call(client, message);
  };
  const finish = client._handleAuthSASLFinal;
  client._handleAuthSASLFinal = (message) => {
    finish.call(client, message); // Leaves its session where the server's signature did not verify.
    if (client.saslSession === null) proven = "scram-sha-256";
  };
  // "You are in" before the proof is what somebody says who does not know the password.
  client.connection.on("authenticationOk", () => {
    if (proven !== demanded) refuse(proven === "none" ? "no authentication" : proven);
  });
}
