// The server's side of a session for tests of the browser's side: Supabase Auth's HTTP shapes in browser mode, given as a
// `fetch`. It keeps its own cookies, as a browser would for HttpOnly ones, so that no test can read a token either.
import type { User } from "../auth-state.ts";

export const userId = "5f1c2f9e-7c53-4b8e-9d46-0d1a7a1f0001";
export const password = "correct horse battery";
export const code = "123456";

const ACCESS_SECONDS = 600;

interface Account {
  roles: string[];
  hasFactor: boolean;
}

export class IdentityInMemory {
  readonly account: Account;
  readonly requests: string[] = [];
  /** Session of the browser: null when signed out. */
  session: { aal: "aal1" | "aal2"; accessExpiresAt: number } | null = null;
  isReachable = true;
  /** Every answer waits for this. */
  gate: Promise<void> = Promise.resolve();
  refreshes = 0;
  /** Answers of application routes by "METHOD /path". */
  readonly routes = new Map<string, () => Response>();
  readonly now: () => number;

  constructor(now: () => number, account: Partial<Account> = {}) {
    this.now = now;
    this.account = { roles: ["reader"], hasFactor: false, ...account };
  }

  /** The network, as `fetch`. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const name = `${request.method} ${pathname}${search}`;
    this.requests.push(name);
    await this.gate;
    if (!this.isReachable) throw new TypeError("fetch failed");
    if (pathname.startsWith("/auth/v1/") && request.headers.get("x-use-cookie") !== "session") {
      return Response.json({ error_code: "bad_mode", msg: "cookies expected" }, { status: 400 });
    }
    return this.answer(name, (await request.text()) || "{}");
  };

  private answer(name: string, body: string): Response {
    switch (name) {
      case "POST /auth/v1/token?grant_type=password":
        if ((JSON.parse(body) as { password: string }).password !== password)
          return refused(400, "invalid_credentials");
        return this.open("aal1");
      case "POST /auth/v1/signup":
        return Response.json(this.user());
      case "POST /auth/v1/token?grant_type=refresh_token":
        this.refreshes += 1;
        return this.session === null ? refused(400, "refresh_token_not_found") : this.open(this.session.aal);
    }
    if (!this.hasAccess()) return refused(401, "no_authorization");
    switch (name) {
      case "GET /auth/v1/user":
        return Response.json(this.user());
      case "GET /auth/v1/user/sessions":
        return Response.json([{ id: "s1", aal: this.session?.aal, current: true, created_at: "2026-01-01T00:00:00Z" }]);
      case "POST /auth/v1/logout?scope=local":
        this.session = null;
        return new Response(null, { status: 204 });
      case "POST /auth/v1/factors":
        return Response.json({
          id: "f1",
          type: "totp",
          totp: { secret: "ABCDEFGH", uri: "otpauth://totp/x", qr_code: "" },
        });
      case "POST /auth/v1/factors/f1/challenge":
        return Response.json({ id: "c1" });
      case "POST /auth/v1/factors/f1/verify":
        if ((JSON.parse(body) as { code: string }).code !== code) return refused(422, "mfa_verification_failed");
        this.account.hasFactor = true;
        return this.open("aal2");
    }
    return this.routes.get(name)?.() ?? refused(404, "not_found");
  }

  private hasAccess(): boolean {
    return this.session !== null && this.session.accessExpiresAt > this.now();
  }

  private open(aal: "aal1" | "aal2"): Response {
    this.session = { aal, accessExpiresAt: this.now() + ACCESS_SECONDS * 1000 };
    return Response.json({ access_token: "", refresh_token: "", expires_in: ACCESS_SECONDS, user: this.user() });
  }

  private user(): User {
    return {
      id: userId,
      email: "ada@app.test",
      app_metadata: { roles: this.account.roles },
      user_metadata: { roles: ["admin"] },
      factors: this.account.hasFactor ? [{ id: "f1", factor_type: "totp", status: "verified" }] : [],
    };
  }
}

function refused(status: number, errorCode: string): Response {
  return Response.json({ code: status, error_code: errorCode, msg: errorCode }, { status });
}
