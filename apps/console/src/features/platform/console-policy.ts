// The console serves any deployment, so it does not carry that deployment's policy: who may see what is the server's answer.
// This small policy only gives the browser session its site and its pages.
import { defineSecurity, type Policy } from "@holdfast/policy";

export const consolePolicy: Policy = defineSecurity({
  application: { name: "console", origin: window.location.origin },
  roles: { admin: { requires: "aal2" } },
  tables: {},
  services: {},
});
