// An author's private notes about their content. The text is sealed on its way into the database and opened on its way out,
// with a key of the author's own; nothing here sees that it is.
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { judgeRemoval, type PeopleRouteParts } from "./people-routes.ts";
import * as schemas from "./schemas.ts";
import type { Note, NoteList } from "./shapes.ts";
import * as statements from "./statements.ts";
import { subjectIdOf } from "./subject-database.ts";

type WithId = { readonly Params: { readonly id: string } };

export function noteRoutes(app: FastifyInstance, { database, bodyOf, onFiltered }: PeopleRouteParts): void {
  app.get<WithId>(
    "/api/content/:id/notes",
    { schema: { params: schemas.idParameters, response: { 200: schemas.noteList } } },
    async (request): Promise<NoteList> => ({
      items: await database.query<Note>(request, statements.listNotes(request.params.id, schemas.LIST_ITEMS_MAX)),
    }),
  );

  app.post<WithId & { Body: Pick<Note, "body"> }>(
    "/api/content/:id/notes",
    {
      schema: {
        params: schemas.idParameters,
        body: bodyOf("POST /api/content/:id/notes"),
        response: { 201: schemas.note },
      },
    },
    async (request, reply) => {
      const note = { id: randomUUID(), contentId: request.params.id, ownerId: subjectIdOf(request) };
      const [made] = await database.query<Note>(request, statements.insertNote({ ...note, body: request.body.body }));
      return reply.code(201).send(made);
    },
  );

  app.delete<{ readonly Params: { readonly id: string; readonly note: string } }>(
    "/api/content/:id/notes/:note",
    { schema: { params: schemas.noteParameters } },
    async (request, reply) => {
      const { id, note } = request.params;
      const [row] = await database.query<{ readonly seen: boolean; readonly removed: boolean }>(
        request,
        statements.deleteNote(id, note),
      );
      judgeRemoval(row, () => onFiltered(request));
      return reply.code(204).send();
    },
  );
}
