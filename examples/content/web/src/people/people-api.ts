// Who is in a team and with whom content is shared, as functions over the API's routes.
import type { Share, ShareList, Team, TeamMembership, TeamMembershipList } from "../../../api/shapes.ts";
import { holdfast } from "../app/session.ts";
import { contentApi } from "../content/content-api.ts";

export type { Share, TeamMembership };

export interface TeamWithPeople {
  readonly team: Team;
  readonly memberships: readonly TeamMembership[];
}

const { secureFetch } = holdfast;
const teamPath = (id: string): string => `/api/teams/${encodeURIComponent(id)}`;
const membershipsOf = (id: string): string => `${teamPath(id)}/memberships`;
const sharesOf = (id: string): string => `/api/content/${encodeURIComponent(id)}/shares`;

export const peopleApi = {
  /** The team and its people, or null where there is no such team for the subject. */
  async team(id: string): Promise<TeamWithPeople | null> {
    const teams = await contentApi.teams();
    const team = teams.find((one) => one.id === id);
    if (team === undefined) return null;
    const list: TeamMembershipList = await (await secureFetch(membershipsOf(id))).json();
    return { team, memberships: list.items };
  },
  async takeIn(id: string, userId: string, role: TeamMembership["role"]): Promise<void> {
    await secureFetch(membershipsOf(id), { method: "POST", json: { user_id: userId, role } });
  },
  async letGo({ team_id: team, id }: TeamMembership): Promise<void> {
    await secureFetch(`${membershipsOf(team)}/${encodeURIComponent(id)}`, { method: "DELETE" });
  },
  async removeTeam(id: string): Promise<void> {
    await secureFetch(teamPath(id), { method: "DELETE" });
  },
  async shares(contentId: string): Promise<readonly Share[]> {
    const list: ShareList = await (await secureFetch(sharesOf(contentId))).json();
    return list.items;
  },
  async share(contentId: string, userId: string, until: string | null): Promise<void> {
    await secureFetch(sharesOf(contentId), { method: "POST", json: { user_id: userId, until } });
  },
  async takeBack({ content_id: content, id }: Share): Promise<void> {
    await secureFetch(`${sharesOf(content)}/${encodeURIComponent(id)}`, { method: "DELETE" });
  },
};
