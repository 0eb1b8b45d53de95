// The console's calls about other people. Shapes come from the server as types only.
import type {
  AccessReport,
  AccessReview,
  InboxPage,
  OpenSessionPage,
  PeoplePage,
  PersonDetail,
  ProviderList,
  RoleList,
  RoleOutcome,
  RoleRequestList,
  SignInPage,
} from "@holdfast/server/api";
import { holdfast, read, remove, send } from "./platform-client.ts";

const of = (id: string): string => `/people/${encodeURIComponent(id)}`;

function queryOf(given: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
  return query.size === 0 ? "" : `?${query.toString()}`;
}

export interface RoleWish {
  readonly role: string;
  readonly reason: string;
  readonly until?: number;
}

export interface ProtectionFilter {
  readonly search: string;
  readonly protection: "" | "some" | "none";
  readonly privileged: "" | "yes";
}

export const people = {
  list: (search: string, cursor: string | null, signal?: AbortSignal) =>
    read<PeoplePage>(`/people${queryOf({ search, cursor: cursor ?? "" })}`, signal),
  create: async (email: string, isInvited: boolean) => ({
    ...(await send<{ id: string }>("/people", { email, invite: isInvited })),
    isInvited,
  }),
  protected: (filter: ProtectionFilter, cursor: string | null, signal?: AbortSignal) =>
    read<PeoplePage>(`/people${queryOf({ ...filter, cursor: cursor ?? "" })}`, signal),
  sessions: (search: string, cursor: string | null, signal?: AbortSignal) =>
    read<OpenSessionPage>(`/sessions${queryOf({ search, cursor: cursor ?? "" })}`, signal),
  one: (id: string, signal?: AbortSignal) => read<PersonDetail>(of(id), signal),
  remove: (id: string) => remove(of(id)),
  ban: (id: string, until: number | null) => send<unknown>(`${of(id)}/ban`, { until }),
  endSessions: (id: string, session?: string) =>
    remove(`${of(id)}/sessions${session === undefined ? "" : `/${session}`}`),
  removeFactor: (id: string, factor: string, reason: string) =>
    send<unknown>(`${of(id)}/factors/${factor}/remove`, { reason }),
  giveRole: (id: string, wish: RoleWish) => send<RoleOutcome>(`${of(id)}/roles`, wish),
  withdrawRole: (id: string, role: string, reason: string) =>
    send<unknown>(`${of(id)}/roles/withdraw`, { role, reason }),
  /** The session of that person takes the place of one's own in this browser. */
  actAs: (id: string, reason: string) =>
    holdfast.secureFetch("/auth/v1/impersonations", {
      method: "POST",
      json: { user_id: id, reason },
    }),
  roles: (signal?: AbortSignal) => read<RoleList>("/roles", signal),
  requests: (signal?: AbortSignal) => read<RoleRequestList>("/role-requests?state=all", signal),
  decide: (id: string, decision: "approved" | "refused" | "withdrawn", note: string) =>
    send<unknown>(`/role-requests/${encodeURIComponent(id)}/decide`, { decision, note }),
  providers: (signal?: AbortSignal) => read<ProviderList>("/providers", signal),
  signIns: (cursor: number | null, signal?: AbortSignal) =>
    read<SignInPage>(`/sign-ins${queryOf({ cursor: cursor === null ? "" : String(cursor) })}`, signal),
  access: (who: string, what: string, signal?: AbortSignal) =>
    read<AccessReport>(`/access${queryOf({ who, what })}`, signal),
  review: (note: string) => send<AccessReview>("/access/reviews", { note }),
  inbox: (signal?: AbortSignal) => read<InboxPage>("/inbox", signal),
} as const;
