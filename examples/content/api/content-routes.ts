import type { FastifyInstance } from "fastify";
import { readCursor, writeCursor } from "./cursor.ts";
import { judgeRemoval } from "./people-routes.ts";
import { RefusedRequest } from "./refused-request.ts";
import * as schemas from "./schemas.ts";
import type { Content, ContentPage } from "./shapes.ts";
import type { NewContent, Scope } from "./statements.ts";
import * as statements from "./statements.ts";
import { type SubjectDatabase, subjectIdOf } from "./subject-database.ts";

interface PageQuery {
  readonly after?: string;
  readonly limit?: string;
}

export interface ContentRouteParts {
  readonly database: SubjectDatabase;
  /** The policy's body schemas by `"METHOD /path"`. */
  readonly bodyOf: (route: string) => object;
  /** Told when a row is visible to the subject but may not be changed by it: row-level security filters and says nothing. */
  readonly onFiltered: (request: Parameters<SubjectDatabase["query"]>[0]) => void;
}

type WithId = { readonly Params: { readonly id: string } };

export function contentRoutes(app: FastifyInstance, { database, bodyOf, onFiltered }: ContentRouteParts): void {
  app.get<{ Querystring: PageQuery & { readonly scope?: Scope } }>(
    "/api/content",
    { schema: { querystring: schemas.listQuery, response: { 200: schemas.contentPage } } },
    async (request) => {
      const { after, limit } = placeOf(request.query);
      const { scope = "all" } = request.query;
      const list = statements.listContent(subjectIdOf(request), scope, after, limit);
      return pageOf(await database.query<Content>(request, list), limit);
    },
  );

  app.get<WithId>(
    "/api/content/:id",
    { schema: { params: schemas.idParameters, response: { 200: schemas.content } } },
    async (request) => {
      const [row] = await database.query<Content>(request, statements.readContent(request.params.id));
      if (row === undefined) throw new RefusedRequest("not-found");
      return row;
    },
  );

  app.post<{ Body: NewContent }>(
    "/api/content",
    { schema: { body: bodyOf("POST /api/content"), response: { 201: schemas.writtenContent } } },
    async (request, reply) => {
      const insert = statements.insertContent(subjectIdOf(request), request.body);
      const [row] = await database.query<Content>(request, insert);
      return reply.code(201).send(row);
    },
  );

  app.put<WithId & { Body: Partial<NewContent> }>(
    "/api/content/:id",
    {
      schema: {
        params: schemas.idParameters,
        body: bodyOf("PUT /api/content/:id"),
        response: { 200: schemas.writtenContent },
      },
    },
    async (request) => {
      const update = statements.updateContent(request.params.id, request.body);
      const [row] = await database.query<Content & { readonly seen: boolean }>(request, update);
      if (row?.seen !== true) throw new RefusedRequest("not-found");
      // A row that is visible and did not change is another's.
      if ((row.id as string | null) === null) {
        onFiltered(request);
        throw new RefusedRequest("not-yours");
      }
      return row;
    },
  );

  app.delete<WithId>("/api/content/:id", { schema: { params: schemas.idParameters } }, async (request, reply) => {
    const remove = statements.deleteContent(request.params.id);
    const [row] = await database.query<{ readonly seen: boolean; readonly removed: boolean }>(request, remove);
    judgeRemoval(row, () => onFiltered(request));
    return reply.code(204).send();
  });

  app.get<{ Querystring: PageQuery }>(
    "/api/editors/queue",
    { schema: { querystring: schemas.pageQuery, response: { 200: schemas.contentPage } } },
    async (request) => {
      const { after, limit } = placeOf(request.query);
      return pageOf(await database.query<Content>(request, statements.listDrafts(after, limit)), limit);
    },
  );
}

function placeOf(query: PageQuery) {
  const after = query.after === undefined ? null : readCursor(query.after);
  if (query.after !== undefined && after === null) throw new RefusedRequest("cursor-invalid");
  return { after, limit: query.limit === undefined ? schemas.LIST_ITEMS : Number(query.limit) };
}

/** One row more than asked for was read: it is not shown, it says that there are more. */
function pageOf(rows: readonly Content[], limit: number): ContentPage {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, next: hasMore ? writeCursor({ updatedAt: last.updated_at, id: last.id }) : null };
}
