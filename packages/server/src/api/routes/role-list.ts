import type { ApiRoute } from "../api-route.ts";
import type { RoleList } from "../people-shapes.ts";

export const roleList: ApiRoute = {
  id: "GET /platform/v1/roles",
  async handle({ administration, policy }): Promise<RoleList> {
    const classes = await administration.roleClasses();
    const holders = policy.roles[policy.platform.administrator]?.heldBy ?? [];
    return {
      roles: Object.entries(policy.roles).map(([name, { includes, requires, approval }]) => ({
        name,
        includes,
        requires,
        approval,
        people: classes.reduce((sum, { roles, people }) => sum + (roles.includes(name) ? people : 0), 0),
        isAdministrator: holders.includes(name),
      })),
    };
  },
};
