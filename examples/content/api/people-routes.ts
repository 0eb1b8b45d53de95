// Who belongs to a team, and with whom content is shared. Who may see and change that is the policy's, for each row: these
// routes only ask, below the team or the content that the address names.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RefusedRequest } from "./refused-request.ts";
import * as schemas from "./schemas.ts";
import type { Share, ShareList, TeamMembership, TeamMembershipList } from "./shapes.ts";
import * as statements from "./statements.ts";
import type { SubjectDatabase } from "./subject-database.ts";

export interface PeopleRouteParts {
  readonly database: SubjectDatabase;
  readonly bodyOf: (route: string) => object;
  /** Told when a row is visible to the subject but may not be removed by it. */
  readonly onFiltered: (request: FastifyRequest) => void;
}

type WithId = { readonly Params: { readonly id: string } };

interface Removal {
  readonly seen: boolean;
  readonly removed: boolean;
}

export function membershipRoutes(app: FastifyInstance, { database, bodyOf, onFiltered }: PeopleRouteParts): void {
  app.get<WithId>(
    "/api/teams/:id/memberships",
    { schema: { params: schemas.idParameters, response: { 200: schemas.teamMembershipList } } },
    async (request): Promise<TeamMembershipList> => {
      const list = statements.listMemberships(request.params.id, schemas.LIST_ITEMS_MAX);
      return { items: await database.query<TeamMembership>(request, list) };
    },
  );

  app.post<WithId & { Body: Pick<TeamMembership, "user_id" | "role"> }>(
    "/api/teams/:id/memberships",
    {
      schema: {
        params: schemas.idParameters,
        body: bodyOf("POST /api/teams/:id/memberships"),
        response: { 201: schemas.teamMembership },
      },
    },
    async (request, reply) => {
      const { user_id: userId, role } = request.body;
      const insert = statements.insertMembership(request.params.id, userId, role);
      const [made] = await database.query<TeamMembership>(request, insert);
      return reply.code(201).send(made);
    },
  );

  app.delete<{ readonly Params: { readonly id: string; readonly membership: string } }>(
    "/api/teams/:id/memberships/:membership",
    { schema: { params: schemas.membershipParameters } },
    async (request, reply) => {
      const { id, membership } = request.params;
      const [row] = await database.query<Removal>(request, statements.deleteMembership(id, membership));
      judgeRemoval(row, () => onFiltered(request));
      return reply.code(204).send();
    },
  );
}

export function shareRoutes(app: FastifyInstance, { database, bodyOf, onFiltered }: PeopleRouteParts): void {
  app.get<WithId>(
    "/api/content/:id/shares",
    { schema: { params: schemas.idParameters, response: { 200: schemas.shareList } } },
    async (request): Promise<ShareList> => ({
      items: await database.query<Share>(request, statements.listShares(request.params.id, schemas.LIST_ITEMS_MAX)),
    }),
  );

  app.post<WithId & { Body: { readonly user_id: string; readonly until?: string | null } }>(
    "/api/content/:id/shares",
    {
      schema: {
        params: schemas.idParameters,
        body: bodyOf("POST /api/content/:id/shares"),
        response: { 201: schemas.share },
      },
    },
    async (request, reply) => {
      const { user_id: userId, until = null } = request.body;
      const [made] = await database.query<Share>(request, statements.insertShare(request.params.id, userId, until));
      return reply.code(201).send(made);
    },
  );

  app.delete<{ readonly Params: { readonly id: string; readonly share: string } }>(
    "/api/content/:id/shares/:share",
    { schema: { params: schemas.shareParameters } },
    async (request, reply) => {
      const { id, share } = request.params;
      const [row] = await database.query<Removal>(request, statements.deleteShare(id, share));
      judgeRemoval(row, () => onFiltered(request));
      return reply.code(204).send();
    },
  );
}

/** Nothing to say where it was removed. A row that is visible and is still there is another's. */
export function judgeRemoval(row: Removal | undefined, onFiltered: () => void): void {
  if (row?.removed === true) return;
  if (row?.seen !== true) throw new RefusedRequest("not-found");
  onFiltered();
  throw new RefusedRequest("not-yours");
}
