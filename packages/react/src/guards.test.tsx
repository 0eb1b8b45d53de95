// @vitest-environment jsdom
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { beforeAll, describe, expect, test } from "vitest";
import type { Holdfast } from "./holdfast.ts";
import { ProtectedRoute } from "./protected-route.tsx";
import { HoldfastProvider } from "./provider.tsx";
import { SecurityErrorBoundary } from "./security-error-boundary.tsx";
import { Show } from "./show.tsx";
import { browserForTest } from "./testdata/browser-for-test.ts";
import { code, password } from "./testdata/identity-in-memory.ts";
import { useAuth } from "./use-auth.ts";
import { type StepUp, useStepUp } from "./use-step-up.ts";

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});

/** Renders below the provider; gives what is seen and where the guards went. */
async function render(holdfast: Holdfast, children: ReactNode) {
  const host = document.createElement("div");
  const opened: string[] = [];
  await act(async () => {
    createRoot(host).render(
      <HoldfastProvider holdfast={holdfast} navigate={(path) => opened.push(path)}>
        {children}
      </HoldfastProvider>,
    );
  });
  return { text: () => host.textContent, opened };
}

async function tabOf(account: { roles?: string[]; hasFactor?: boolean }) {
  const browser = browserForTest(account);
  const tab = browser.openTab();
  await tab.signIn("ada@app.test", password);
  return { ...browser, tab };
}

describe("ProtectedRoute", () => {
  test("shows the loading part, and never its children, before it is known who is signed in", async () => {
    const browser = browserForTest();
    await browser.openTab().signIn("ada@app.test", password);
    let answer: () => void = () => undefined;
    browser.identity.gate = new Promise((resolve) => {
      answer = resolve;
    });
    const page = await render(browser.openTab(), <ProtectedRoute loading="wait">secret</ProtectedRoute>);
    expect(page.text()).toBe("wait");
    await act(async () => answer());
    expect(page.text()).toBe("secret");
  });

  test("sends somebody who is not signed in to the policy's sign-in page, and says where to return", async () => {
    window.history.replaceState(null, "", "/account?tab=1");
    const tab = browserForTest().openTab();
    const page = await render(tab, <ProtectedRoute>secret</ProtectedRoute>);
    expect(page.text()).toBe("");
    expect(page.opened).toEqual(["/sign-in?from=%2Faccount%3Ftab%3D1"]);
  });

  test("shows the fallback, or opens the unauthorized page, without the role", async () => {
    const { tab } = await tabOf({ roles: ["reader"] });
    expect(
      (
        await render(
          tab,
          <ProtectedRoute roles={["editor"]} fallback="no">
            secret
          </ProtectedRoute>,
        )
      ).text(),
    ).toBe("no");
    const page = await render(tab, <ProtectedRoute roles={["editor"]}>secret</ProtectedRoute>);
    expect(page.text()).toBe("");
    expect(page.opened).toEqual(["/unauthorized"]);
  });

  test("a role that includes the asked one is enough, an empty list of roles admits nobody", async () => {
    const { tab } = await tabOf({ roles: ["editor"] });
    expect((await render(tab, <ProtectedRoute roles={["reader"]}>secret</ProtectedRoute>)).text()).toBe("secret");
    expect(
      (
        await render(
          tab,
          <ProtectedRoute roles={[]} fallback="no">
            secret
          </ProtectedRoute>,
        )
      ).text(),
    ).toBe("no");
  });

  test("roles, condition and page must all hold", async () => {
    const { tab } = await tabOf({ roles: ["editor"] });
    const strict = (
      <ProtectedRoute roles={["editor"]} page="/editors" condition={{ kind: "nobody" }} fallback="no">
        secret
      </ProtectedRoute>
    );
    expect((await render(tab, strict)).text()).toBe("no");
  });

  test("a page that the policy opens to anyone needs no session, one that it does not name is open to nobody", async () => {
    const tab = browserForTest().openTab();
    expect((await render(tab, <ProtectedRoute page="/">open</ProtectedRoute>)).text()).toBe("open");
    const unnamed = await render(tab, <ProtectedRoute page="/unnamed">secret</ProtectedRoute>);
    expect(unnamed.text()).toBe("");
  });

  test("hides its children again when the session ends", async () => {
    const { tab } = await tabOf({});
    const page = await render(tab, <ProtectedRoute signIn="out">secret</ProtectedRoute>);
    expect(page.text()).toBe("secret");
    await act(() => tab.signOut());
    expect(page.text()).toBe("out");
  });

  test("asks for the second factor where the account has one, and says so where it has none", async () => {
    const withFactor = await tabOf({ roles: ["admin"], hasFactor: true });
    const asked = await render(withFactor.tab, <ProtectedRoute page="/admin">secret</ProtectedRoute>);
    expect(asked.opened[0]).toMatch(/^\/sign-in\?from=/);
    const without = await tabOf({ roles: ["admin"] });
    const told = await render(without.tab, <ProtectedRoute page="/admin">secret</ProtectedRoute>);
    expect(told.opened).toEqual([]);
    expect(told.text()).toContain("second factor");
  });
});

test("Show shows by state, condition and action, and nothing else", async () => {
  const { tab } = await tabOf({ roles: ["reader"] });
  const page = await render(
    tab,
    <>
      <Show when="signed-in">in </Show>
      <Show when="signed-out" fallback="not out ">
        out{" "}
      </Show>
      <Show when={{ kind: "role", role: "reader" }}>reader </Show>
      <Show when={{ kind: "role", role: "editor" }}>editor </Show>
      <Show when={{ kind: "route", service: "api", route: "GET /api/content" }}>list</Show>
    </>,
  );
  expect(page.text()).toBe("in not out reader list");
});

test("useAuth outside the provider says what to do", async () => {
  const Lost = () => <>{useAuth().status}</>;
  const errors: unknown[] = [];
  const host = document.createElement("div");
  await act(async () => {
    createRoot(host, { onCaughtError: () => undefined }).render(
      <SecurityErrorBoundary onError={(error) => errors.push(error)}>
        <Lost />
      </SecurityErrorBoundary>,
    );
  });
  expect(errors).toEqual([expect.objectContaining({ code: "react/no-provider" })]);
  expect(host.textContent).not.toContain("HoldfastProvider");
});

test("useStepUp repeats the action once after the second factor", async () => {
  const { tab, identity } = await tabOf({ roles: ["admin"], hasFactor: true });
  const type = "urn:holdfast:problem:second-factor-required";
  identity.routes.set("GET /api/admin/users", () =>
    identity.session?.aal === "aal2" ? Response.json({ items: [] }) : Response.json({ type }, { status: 403 }),
  );
  const hook: { current: StepUp | null } = { current: null };
  const Asking = () => {
    hook.current = useStepUp();
    return <>{hook.current.isRequired ? "code?" : "idle"}</>;
  };
  const page = await render(tab, <Asking />);
  let answer: Promise<Response> | undefined;
  await act(async () => {
    answer = hook.current?.run(() => tab.secureFetch("/api/admin/users"));
    await new Promise((resolve) => setTimeout(resolve));
  });
  expect(page.text()).toBe("code?");
  await act(async () => hook.current?.verify(code));
  expect((await answer)?.status).toBe(200);
  expect(page.text()).toBe("idle");
});
