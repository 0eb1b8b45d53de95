import { defineSecurity, role, signedIn } from "@holdfast/policy";
import { expect, test } from "vitest";
import { objectRoutes } from "./object-routes.ts";

const body = { type: "object", properties: { text: { type: "string" } }, required: ["text"] } as const;
const make = { allow: signedIn(), body };
const any = { allow: signedIn() };

function familiesOf(routes: Readonly<Record<string, typeof make | typeof any>>) {
  const policy = defineSecurity({
    application: { name: "toy", origin: "https://localhost:8443" },
    roles: { admin: { requires: "aal2" } },
    tables: { parts: { columns: { id: "uuid" }, select: role("admin") } },
    services: { api: { routes: routes as Record<string, typeof any> } },
    sites: {},
  });
  return objectRoutes(policy).map(({ collection, items, table, listable, parent }) => ({
    collection,
    items: items.map(({ route }) => route),
    table,
    listable,
    parent: parent && [parent.family.collection, parent.rest],
  }));
}

test("objects are what a route makes and other routes act on by id", () => {
  expect(familiesOf({ "POST /api/things": make, "GET /api/things": any, "DELETE /api/things/:id": any })).toEqual([
    {
      collection: "/api/things",
      items: ["DELETE /api/things/:id"],
      table: undefined,
      listable: true,
      parent: undefined,
    },
  ]);
});

test("objects that are made below another are a family of their own, with what they are made below", () => {
  const routes = {
    "POST /api/things/:id/parts": make,
    "GET /api/things/:id/parts": any,
    "DELETE /api/things/:thing/parts/:part": any,
    "PUT /api/things/:id/parts/:part": make,
    "POST /api/things": make,
    "DELETE /api/things/:id": any,
  };
  expect(familiesOf(routes)[1]).toEqual({
    collection: "/api/things/:id/parts",
    items: ["DELETE /api/things/:thing/parts/:part", "PUT /api/things/:id/parts/:part"],
    table: "parts",
    listable: true,
    parent: ["/api/things", "/parts"],
  });
});

test("… unless the parent cannot be made, or would stay behind", () => {
  const part = { "POST /api/things/:id/parts": make, "DELETE /api/things/:id/parts/:part": any };
  expect(familiesOf(part)).toEqual([]);
  expect(familiesOf({ ...part, "POST /api/things": make })).toHaveLength(1);
  const deep = {
    "POST /api/things": make,
    "DELETE /api/things/:id": any,
    "POST /api/things/:id/parts/:part/bits": make,
  };
  expect(familiesOf(deep)).toHaveLength(1);
});
