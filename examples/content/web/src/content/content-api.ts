// The API's routes as functions. Everything goes through secureFetch: same origin, one renewal, refusals as ProblemError.
import type {
  Content,
  ContentInput,
  ContentPage,
  FoundedTeam,
  Team,
  TeamList,
  WrittenContent,
} from "../../../api/shapes.ts";
import { holdfast } from "../app/session.ts";

export type { Content, ContentInput, ContentPage, Team };

export interface ContentWithTeams {
  readonly content: Content;
  readonly teams: readonly Team[];
}

/** Whose content a list shows. */
export type Scope = "all" | "own" | "team" | "published";

const { secureFetch } = holdfast;

export const contentApi = {
  async list(scope: Scope, after: string | null): Promise<ContentPage> {
    return (await secureFetch(`/api/content?${query(scope, after)}`)).json();
  },
  async read(id: string): Promise<Content> {
    return (await secureFetch(`/api/content/${encodeURIComponent(id)}`)).json();
  },
  /** The content, and the subject's own memberships where the policy needs them to decide about it. */
  async readWithTeams(id: string): Promise<ContentWithTeams> {
    const content = await contentApi.read(id);
    return { content, teams: content.team_id === null ? [] : await contentApi.teams() };
  },
  async create(input: ContentInput): Promise<WrittenContent> {
    return (await secureFetch("/api/content", { method: "POST", json: input })).json();
  },
  async change(id: string, input: ContentInput): Promise<WrittenContent> {
    return (await secureFetch(`/api/content/${encodeURIComponent(id)}`, { method: "PUT", json: input })).json();
  },
  async remove(id: string): Promise<void> {
    await secureFetch(`/api/content/${encodeURIComponent(id)}`, { method: "DELETE" });
  },
  async editorsQueue(after: string | null): Promise<ContentPage> {
    const search = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    return (await secureFetch(`/api/editors/queue${search}`)).json();
  },
  async teams(): Promise<readonly Team[]> {
    const list: TeamList = await (await secureFetch("/api/teams")).json();
    return list.items;
  },
  async createTeam(name: string): Promise<FoundedTeam> {
    return (await secureFetch("/api/teams", { method: "POST", json: { name } })).json();
  },
};

function query(scope: Scope, after: string | null): string {
  const search = new URLSearchParams({ scope });
  if (after !== null) search.set("after", after);
  return search.toString();
}
