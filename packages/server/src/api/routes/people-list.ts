import type { ApiRoute } from "../api-route.ts";
import type { PeoplePage } from "../people-shapes.ts";
import { needsApproval, personView } from "../person-view.ts";
import { numberIn, oneOfIn, queryOf, textIn, wordIn } from "../query-input.ts";

const PEOPLE_USUAL = 50;
const PEOPLE_MAX = 200;

export const peopleList: ApiRoute = {
  id: "GET /platform/v1/people",
  async handle({ administration, policy }, request): Promise<PeoplePage> {
    const raw = queryOf(request.query, ["search", "role", "privileged", "protection", "cursor", "limit"]);
    const [search, role, cursor] = [textIn(raw, "search"), wordIn(raw, "role"), wordIn(raw, "cursor")];
    const protection = oneOfIn(raw, "protection", ["some", "none"]);
    const isPrivileged = oneOfIn(raw, "privileged", ["yes"]) !== undefined;
    const privileged = Object.keys(policy.roles).filter((each) => needsApproval(policy, each));
    const roles = role !== undefined ? [role] : isPrivileged ? privileged : undefined;
    const page = await administration.people({
      limit: numberIn(raw, "limit", 1, PEOPLE_MAX) ?? PEOPLE_USUAL,
      ...(search === undefined ? {} : { search }),
      ...(roles === undefined ? {} : { roles }),
      ...(protection === undefined ? {} : { protection }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { people: page.people.map((person) => personView(policy, person)), next: page.next };
  },
};
