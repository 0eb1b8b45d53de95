// Identity with a real provider beside it, and a browser that goes to it and comes back.
import { defineSecurity, type ProviderKind } from "@holdfast/policy";
import { providerClientId, providerClientSecret, RealProvider, walk } from "./real-provider.ts";
import { TestIdentity } from "./start-identity.ts";

export const origin = "https://localhost:8443";
export const callback = `${origin}/auth/v1/callback`;
export const landing = `${origin}/welcome`;

export interface ProviderOptions {
  readonly issuer: string;
  readonly signUp?: "open" | "closed";
  readonly linking?: boolean;
  /** Of `work`. */
  readonly trustEmail?: boolean;
}

/** `work` is any OpenID provider, `google` one whose word about addresses counts; both are the same real one. */
export function providerPolicy({ issuer, signUp = "open", linking = true, trustEmail = false }: ProviderOptions) {
  const provider = (kind: ProviderKind) => ({
    kind,
    clientId: providerClientId,
    issuer,
    scopes: ["openid", "email", "profile"],
  });
  return defineSecurity({
    application: { name: "content", origin },
    roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
    identity: {
      signUp,
      linking,
      defaultRoles: ["reader"],
      lockout: { attempts: 5, window: "15m" },
      redirects: ["https://elsewhere.example.test/app"],
      providers: {
        google: provider("google"),
        azure: provider("azure"),
        "custom:work": { ...provider("oidc"), trustEmail },
      },
    },
    tables: {},
    services: {},
  });
}

export class ProviderRoom extends TestIdentity {
  readonly provider = new RealProvider();

  async begin(): Promise<void> {
    await this.provider.start(callback);
    await this.start(this.options());
  }

  options(more: Partial<ProviderOptions> = {}) {
    return {
      policy: providerPolicy({ issuer: this.provider.issuer, ...more }),
      providerSecret: async () => providerClientSecret,
    };
  }

  async end(): Promise<void> {
    await this.stop();
    await this.provider.stop();
  }

  /** To the provider and back, up to the callback: what the browser holds then. */
  async away(query: Record<string, string> = {}, url = this.url, cookie = ""): Promise<Away> {
    const search = new URLSearchParams({ provider: "google", redirect_to: landing, ...query });
    const headers = { cookie, "x-holdfast-address": "192.0.2.1" };
    const response = await fetch(`${url}/authorize?${search}`, { redirect: "manual", headers });
    const location = response.headers.get("location") ?? "";
    if (response.status !== 302) throw new Error(`${response.status} ${await response.text()}`);
    const back = await walk(location, callback);
    return { back, cookie: (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "", sent: new URL(location) };
  }

  /** The answer of the callback: where the application's page is opened, and with what. */
  async callback({ back, cookie }: Pick<Away, "back" | "cookie">, url = this.url): Promise<Landing> {
    const response = await fetch(`${url}/callback${back.search}`, { redirect: "manual", headers: { cookie } });
    const at = new URL(response.headers.get("location") ?? "about:blank");
    const read = (text: string) => Object.fromEntries(new URLSearchParams(text));
    return {
      status: response.status,
      page: at.origin + at.pathname,
      query: read(at.search),
      fragment: read(at.hash.slice(1)),
    };
  }

  async signInAt(query: Record<string, string> = {}, url = this.url): Promise<Landing> {
    return await this.callback(await this.away(query, url), url);
  }
}

export interface Away {
  readonly back: URL;
  readonly cookie: string;
  readonly sent: URL;
}

export interface Landing {
  readonly status: number;
  readonly page: string;
  readonly query: Readonly<Record<string, string>>;
  readonly fragment: Readonly<Record<string, string>>;
}
