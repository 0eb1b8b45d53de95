// The author's private notes, as functions over the API's routes.
import type { Note, NoteList } from "../../../api/shapes.ts";
import { holdfast } from "../app/session.ts";

export type { Note };

const { secureFetch } = holdfast;
const notesOf = (contentId: string): string => `/api/content/${encodeURIComponent(contentId)}/notes`;

export const noteApi = {
  async list(contentId: string): Promise<readonly Note[]> {
    const list: NoteList = await (await secureFetch(notesOf(contentId))).json();
    return list.items;
  },
  async add(contentId: string, body: string): Promise<void> {
    await secureFetch(notesOf(contentId), { method: "POST", json: { body } });
  },
  async remove({ content_id: content, id }: Note): Promise<void> {
    await secureFetch(`${notesOf(content)}/${encodeURIComponent(id)}`, { method: "DELETE" });
  },
};
