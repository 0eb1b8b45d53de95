import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const accounts = "/auth/v1/admin/users";

/** An id that is no id must reach nothing, whoever sends it (CVE-2025-48370: a client wrote it into a path unchecked). */
export const pathIds: Check = {
  id: "path-ids",
  title: "An id in a path of the administration interface is something else than an id, and reaches another route.",
  kind: "attack",
  layers: ["edge", "identity"],
  asvs: ["V2.2.1", "V1.2.2"],
  wstg: ["WSTG-INPV-11"],
  events: [],
  company: "together",
  sabotage: {
    name: "ids-are-paths",
    sentence: "An id that is none is resolved like a path, and answers with what is found there.",
    hole: {
      kind: "twin",
      request: (request) => {
        const [, id = ""] = /^\/auth\/v1\/admin\/users\/([^/?]+)/u.exec(request.path) ?? [];
        return id === "" || uuid.test(id) || request.method !== "GET" ? request : { ...request, path: accounts };
      },
    },
  },
  run: async (session) => {
    const bearer = session.target.serviceKey;
    const alice = await session.people.alice();
    await session.positive(
      "an account can be read by its id",
      { method: "GET", path: `${accounts}/${alice.id}`, bearer },
      200,
    );
    const ids = [
      "..",
      "%2e%2e",
      "..%2fusers",
      `${alice.id}%2f..`,
      alice.id.toUpperCase(),
      `${alice.id}%00`,
      `{${alice.id}}`,
      "1",
      "null",
      "undefined",
      "*",
      `${randomUUID()},${alice.id}`,
    ];
    for (const id of ids) {
      for (const path of [`${accounts}/${id}`, `${accounts}/${id}/factors`]) {
        const answer = await session.ask({ method: "GET", path, bearer });
        session.judge({
          request: `read ${path.replaceAll(alice.id, "<id>").replaceAll(alice.id.toUpperCase(), "<ID>")}`,
          expected: "refused (400 or 404)",
          got: `${answer.status} ${answer.status < 400 ? "answered" : errorWord(answer)}`,
          held: [400, 404].includes(answer.status),
        });
      }
    }
    return await session.conclude("What is no id reached nothing.");
  },
};
