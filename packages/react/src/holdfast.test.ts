import { describe, expect, test } from "vitest";
import { createHoldfast } from "./holdfast.ts";
import { browserForTest } from "./testdata/browser-for-test.ts";
import { code, password } from "./testdata/identity-in-memory.ts";
import { policyForTest } from "./testdata/policy-for-test.ts";

const MINUTES = 60_000;
const editors = { kind: "page", site: "app", page: "/editors" } as const;
const admin = { kind: "page", site: "app", page: "/admin" } as const;

describe("a session in the browser", () => {
  test("allows nothing while it is not known who is signed in, not even a public page", () => {
    const tab = browserForTest().openTab();
    expect(tab.getState().status).toBe("loading");
    expect(tab.guard({ kind: "anyone" })).toBe("loading");
    expect(tab.can({ kind: "signedIn" })).toBe(false);
  });

  test("a browser that never signed in is signed out without asking anybody", async () => {
    const { openTab, identity } = browserForTest();
    expect((await openTab().ready()).status).toBe("signed-out");
    expect(identity.requests).toEqual([]);
  });

  test("roles come from app_metadata only, never from user_metadata", async () => {
    const tab = browserForTest().openTab();
    expect((await tab.signIn("ada@app.test", password)).roles).toEqual(["reader"]);
  });

  test("a wrong password is a problem with identity's own code, and nobody is signed in", async () => {
    const tab = browserForTest().openTab();
    await tab.ready();
    await expect(tab.signIn("ada@app.test", "wrong")).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(tab.getState().status).toBe("signed-out");
  });

  test("where addresses are confirmed, signing up signs nobody in, whether the address was free or taken", async () => {
    const tab = browserForTest().openTab();
    expect((await tab.signUp("ada@app.test", password)).status).toBe("signed-out");
    expect((await tab.signUp("ada@app.test", "another long password")).status).toBe("signed-out");
    expect(tab.can({ kind: "signedIn" })).toBe(false);
  });

  test("elsewhere signing up signs in; an address that was taken is told as a wrong password is", async () => {
    const { identity } = policyForTest;
    const unconfirmed = { ...policyForTest, identity: { ...identity, email: { ...identity.email, confirm: false } } };
    const tab = browserForTest().openTab(unconfirmed);
    expect((await tab.signUp("ada@app.test", password)).status).toBe("signed-in");
    const other = browserForTest().openTab(unconfirmed);
    await expect(other.signUp("ada@app.test", "another long password")).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect(other.can({ kind: "signedIn" })).toBe(false);
  });

  test("a page of a role is refused without it and allowed with it", async () => {
    const reader = browserForTest().openTab();
    await reader.signIn("ada@app.test", password);
    expect(reader.guard(editors)).toBe("refused");
    const editor = browserForTest({ roles: ["editor"] }).openTab();
    await editor.signIn("ada@app.test", password);
    expect(editor.guard(editors)).toBe("allowed");
  });

  test("an unknown role, page, table or route is never allowed", async () => {
    const tab = browserForTest({ roles: ["owner-of-everything"] }).openTab();
    await tab.signIn("ada@app.test", password);
    expect(tab.can({ kind: "role", role: "owner-of-everything" })).toBe(false);
    expect(tab.guard({ kind: "page", site: "app", page: "/secret" })).toBe("refused");
    expect(tab.can({ kind: "route", service: "api", route: "GET /api/unknown" })).toBe(false);
    expect(tab.can({ kind: "table", table: "unknown", operation: "select" }, { row: {} })).toBe(false);
  });

  test("a row is decided as the database would decide it", async () => {
    const tab = browserForTest().openTab();
    const { user } = await tab.signIn("ada@app.test", password);
    const own = { id: "00000000-0000-4000-8000-000000000001", owner_id: user?.id ?? "", status: "draft" };
    const other = { ...own, owner_id: "00000000-0000-4000-8000-000000000002", status: "published" };
    const update = { kind: "table", table: "content", operation: "update" } as const;
    expect(tab.can(update, { row: own, newRow: own })).toBe(true);
    expect(tab.can(update, { row: other, newRow: other })).toBe(false);
    expect(tab.can({ kind: "table", table: "content", operation: "select" }, { row: other })).toBe(true);
  });

  test("an account with a second factor sees no protected page before it has given it", async () => {
    const tab = browserForTest({ roles: ["editor"], hasFactor: true }).openTab();
    await tab.signIn("ada@app.test", password);
    expect(tab.getState().secondFactorPending).toBe(true);
    expect(tab.guard(editors)).toBe("second-factor");
    await expect(tab.verifyTotp("f1", "000000")).rejects.toMatchObject({ code: "mfa_verification_failed" });
    expect(tab.guard(editors)).toBe("second-factor");
    await tab.verifyTotp("f1", code);
    expect(tab.guard(editors)).toBe("allowed");
  });

  test("a role that needs a second factor counts only after it, and the reason is told", async () => {
    const tab = browserForTest({ roles: ["admin"] }).openTab();
    await tab.signIn("ada@app.test", password);
    expect(tab.guard(admin)).toBe("second-factor");
    const { factorId, secret } = await tab.enrolTotp("Phone");
    expect(secret).toBe("ABCDEFGH");
    await tab.verifyTotp(factorId, code);
    expect(tab.guard(admin)).toBe("allowed");
  });

  test("a page that is loaded anew knows the session, its roles and its assurance", async () => {
    const browser = browserForTest({ roles: ["admin"], hasFactor: true });
    const first = browser.openTab();
    await first.signIn("ada@app.test", password);
    await first.verifyTotp("f1", code);
    const reloaded = browser.openTab();
    expect(await reloaded.guardPage("/admin")).toBe("allowed");
  });

  test("a page that is loaded after the access token ended renews it and never shows a half-known state", async () => {
    const browser = browserForTest({ roles: ["admin"], hasFactor: true });
    const first = browser.openTab();
    await first.signIn("ada@app.test", password);
    await first.verifyTotp("f1", code);
    browser.clock.now += 20 * MINUTES;
    const reloaded = browser.openTab();
    const seen: string[] = [];
    reloaded.subscribe(() => seen.push(`${reloaded.getState().status} ${reloaded.getState().assurance}`));
    await reloaded.ready();
    expect(seen).toEqual(["signed-in aal2"]);
    expect(browser.identity.refreshes).toBe(1);
  });

  test("two tabs that find their token ended renew it once between them", async () => {
    const browser = browserForTest();
    const tabs = [browser.openTab(), browser.openTab()];
    await tabs[0]?.signIn("ada@app.test", password);
    browser.clock.now += 20 * MINUTES;
    await Promise.all(tabs.map((tab) => tab.refresh()));
    expect(tabs.map((tab) => tab.getState().status)).toEqual(["signed-in", "signed-in"]);
    expect(browser.identity.refreshes).toBe(1);
  });

  test("a session ended elsewhere is over here as soon as it is used", async () => {
    const browser = browserForTest();
    const tab = browser.openTab();
    await tab.signIn("ada@app.test", password);
    browser.identity.session = null;
    await tab.refresh();
    expect(tab.getState().status).toBe("signed-out");
  });

  test("when identity does not answer, protected pages are hidden and public ones are not", async () => {
    const browser = browserForTest();
    await browser.openTab().signIn("ada@app.test", password);
    browser.identity.isReachable = false;
    const tab = browser.openTab();
    expect((await tab.ready()).status).toBe("unreachable");
    expect(tab.guard({ kind: "signedIn" })).toBe("unreachable");
    expect(tab.guard({ kind: "anyone" })).toBe("allowed");
    browser.identity.isReachable = true;
    expect((await tab.refresh()).status).toBe("signed-in");
  });

  test("signing out fails aloud when the server cannot be told, because the session lives on", async () => {
    const browser = browserForTest();
    const tab = browser.openTab();
    await tab.signIn("ada@app.test", password);
    browser.identity.isReachable = false;
    await expect(tab.signOut()).rejects.toMatchObject({ code: "react/unreachable" });
    expect(tab.getState().status).toBe("signed-in");
  });

  test("signing out in one tab signs out the others", async () => {
    const browser = browserForTest();
    const [one, two] = [browser.openTab(), browser.openTab()];
    const stop = two.watch();
    await one.signIn("ada@app.test", password);
    await two.refresh();
    const signedOut = new Promise<void>((resolve) => {
      two.subscribe(() => two.getState().status === "signed-out" && resolve());
    });
    await one.signOut();
    await signedOut;
    expect(two.can({ kind: "signedIn" })).toBe(false);
    stop();
  });

  test("a site that the policy does not have is refused at once", () => {
    expect(() => createHoldfast({ policy: policyForTest, site: "other" })).toThrow(
      expect.objectContaining({ code: "react/site-unknown" }),
    );
  });
});
