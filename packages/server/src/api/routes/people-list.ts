import type { ApiRoute } from "../api-route.ts";
import type { PeoplePage } from "../people-shapes.ts";
import { personView } from "../person-view.ts";
import { numberIn, queryOf, textIn, wordIn } from "../query-input.ts";

const PEOPLE_USUAL = 50;
const PEOPLE_MAX = 200;

export const peopleList: ApiRoute = {
  id: "GET /platform/v1/people",
  async handle({ administration, policy }, request): Promise<PeoplePage> {
    const raw = queryOf(request.query, ["search", "role", "cursor", "limit"]);
    const [search, role, cursor] = [textIn(raw, "search"), wordIn(raw, "role"), wordIn(raw, "cursor")];
    const page = await administration.people({
      limit: numberIn(raw, "limit", 1, PEOPLE_MAX) ?? PEOPLE_USUAL,
      ...(search === undefined ? {} : { search }),
      ...(role === undefined ? {} : { roles: [role] }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { people: page.people.map((person) => personView(policy, person)), next: page.next };
  },
};
