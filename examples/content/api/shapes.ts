// What the API answers, as the browser reads it. Names are the columns' own.

export type ContentStatus = "draft" | "published";

/** What writing a text answers. */
export interface WrittenContent {
  readonly id: string;
  readonly owner_id: string;
  readonly team_id: string | null;
  readonly title: string;
  readonly body: string;
  readonly status: ContentStatus;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Content extends WrittenContent {
  /** The whole address for its owner and for editors, masked for everybody else. */
  readonly contact: string | null;
}

export interface ContentPage {
  readonly items: readonly Content[];
  /** Give as `after` to read on; null at the end. */
  readonly next: string | null;
}

/** What a person may write; a change may leave parts out. The owner is never among it: it is the subject. */
export interface ContentInput {
  readonly title: string;
  readonly body: string;
  readonly status: ContentStatus;
  readonly team_id: string | null;
  readonly contact: string | null;
}

/** A team as it is stored: what founding one answers. Who founds it leads it. */
export interface FoundedTeam {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
}

export interface Team extends FoundedTeam {
  /** The subject's own place in the team, or null where there is none. */
  readonly membership: Membership | null;
}

export interface Membership {
  readonly role: "member" | "lead";
  /** RFC 3339, UTC; null where the membership has no end. */
  readonly until: string | null;
}

/** One person's place in a team, as those see it who may. */
export interface TeamMembership extends Membership {
  readonly id: string;
  readonly team_id: string;
  readonly user_id: string;
}

export interface TeamMembershipList {
  readonly items: readonly TeamMembership[];
}

/** Somebody with whom content is shared, until the share ends. */
export interface Share {
  readonly id: string;
  readonly content_id: string;
  readonly user_id: string;
  /** RFC 3339, UTC; null where the share has no end. */
  readonly until: string | null;
}

export interface ShareList {
  readonly items: readonly Share[];
}

/** What an author notes about their content, for nobody else. */
export interface Note {
  readonly id: string;
  readonly content_id: string;
  readonly owner_id: string;
  readonly body: string;
  /** RFC 3339, UTC. */
  readonly created_at: string;
}

export interface NoteList {
  readonly items: readonly Note[];
}

export interface TeamList {
  readonly items: readonly Team[];
}

/** Who owns content, as the content tables show it to an administrator: the API has no right to read identity's accounts. */
export interface ContentOwner {
  readonly owner_id: string;
  readonly drafts: number;
  readonly published: number;
  readonly updated_at: string;
}

export interface ContentOwnerList {
  readonly items: readonly ContentOwner[];
}
