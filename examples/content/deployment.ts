// How the example runs here: its tables, its API, and the folder of its pages.
import { fileURLToPath } from "node:url";
import { defineDeployment } from "@holdfast/server";
import { startApi } from "./api/start-api.ts";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineDeployment({
  migrations: folder("./migrations/"),
  services: { api: startApi },
  sites: { app: { directory: folder("./web/") } },
});
