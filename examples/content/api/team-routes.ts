import type { FastifyInstance } from "fastify";
import { judgeRemoval, type PeopleRouteParts } from "./people-routes.ts";
import * as schemas from "./schemas.ts";
import type { ContentOwner, ContentOwnerList, FoundedTeam, Membership, Team, TeamList } from "./shapes.ts";
import * as statements from "./statements.ts";
import { type SubjectDatabase, subjectIdOf } from "./subject-database.ts";

interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
  readonly membership_role: Membership["role"] | null;
  readonly membership_until: string | null;
}

export function teamRoutes(app: FastifyInstance, { database, bodyOf, onFiltered }: PeopleRouteParts): void {
  app.get("/api/teams", { schema: { response: { 200: schemas.teamList } } }, async (request): Promise<TeamList> => {
    const list = statements.listTeams(subjectIdOf(request), schemas.LIST_ITEMS_MAX);
    const rows = await database.query<TeamRow>(request, list);
    return { items: rows.map(teamOf) };
  });

  app.post<{ Body: { readonly name: string } }>(
    "/api/teams",
    { schema: { body: bodyOf("POST /api/teams"), response: { 201: schemas.foundedTeam } } },
    async (request, reply) => {
      const { name } = request.body;
      const ownerId = subjectIdOf(request);
      // Who founds a team leads it. The second statement is allowed by what the first one stored, so they are two.
      const id = await database.transaction(request, async ({ query }) => {
        const team = statements.insertTeam(ownerId, name);
        const { rows } = await query<{ readonly id: string }>(team.text, team.values);
        const lead = statements.insertLead(String(rows[0]?.id), ownerId);
        await query(lead.text, lead.values);
        return String(rows[0]?.id);
      });
      const created: FoundedTeam = { id, name, owner_id: ownerId };
      return reply.code(201).send(created);
    },
  );

  app.delete<{ readonly Params: { readonly id: string } }>(
    "/api/teams/:id",
    { schema: { params: schemas.idParameters } },
    async (request, reply) => {
      const remove = statements.deleteTeam(request.params.id);
      const [row] = await database.query<{ readonly seen: boolean; readonly removed: boolean }>(request, remove);
      judgeRemoval(row, () => onFiltered(request));
      return reply.code(204).send();
    },
  );
}

/** For administrators: the owners of content. The API has no right to read identity's accounts, so this shows none. */
export function administrationRoutes(app: FastifyInstance, database: SubjectDatabase): void {
  app.get(
    "/api/admin/users",
    { schema: { response: { 200: schemas.ownerList } } },
    async (request): Promise<ContentOwnerList> => ({
      items: await database.query<ContentOwner>(request, statements.listOwners(schemas.LIST_ITEMS_MAX)),
    }),
  );
}

function teamOf({ id, name, owner_id, membership_role, membership_until }: TeamRow): Team {
  const membership = membership_role === null ? null : { role: membership_role, until: membership_until };
  return { id, name, owner_id, membership };
}
