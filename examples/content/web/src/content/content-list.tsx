import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";
import type { Content, ContentPage } from "./content-api.ts";

const EXCERPT_CHARACTERS_MAX = 160;

export interface ContentListProps {
  /** Reads one page of the list. Another list needs another `key`. */
  readonly read: (after: string | null) => Promise<ContentPage>;
  readonly empty: ReactNode;
}

/** A list that is read page by page. */
export function ContentList({ read, empty }: ContentListProps): ReactNode {
  const { items, next, error, isBusy, more } = usePages(read);
  if (items === null) return error === null ? <Loading /> : <FailureMessage error={error} />;
  if (items.length === 0) return <div className="empty">{empty}</div>;
  return (
    <>
      <ul className="content-list">
        {items.map((content) => (
          <li key={content.id}>
            <ContentEntry content={content} />
          </li>
        ))}
      </ul>
      <FailureMessage error={error} />
      {next === null ? null : (
        <button type="button" disabled={isBusy} onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

function ContentEntry({ content }: { readonly content: Content }): ReactNode {
  return (
    <article className="card entry">
      <h2>
        <Link to="/content/$id" params={{ id: content.id }}>
          {content.title}
        </Link>
      </h2>
      {content.body === "" ? null : <p className="excerpt">{excerpt(content.body)}</p>}
      <p className="facts">
        <StatusBadge status={content.status} />
        <span>
          Changed <Moment at={content.updated_at} />
        </span>
      </p>
    </article>
  );
}

export function StatusBadge({ status }: { readonly status: Content["status"] }): ReactNode {
  return <span className={`badge ${status}`}>{status === "published" ? "Published" : "Draft"}</span>;
}

function excerpt(body: string): string {
  return body.length <= EXCERPT_CHARACTERS_MAX ? body : `${body.slice(0, EXCERPT_CHARACTERS_MAX).trimEnd()} …`;
}

function usePages(read: ContentListProps["read"]) {
  const [items, setItems] = useState<readonly Content[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    let isCurrent = true;
    read(null).then(
      (page) => {
        if (!isCurrent) return;
        setItems(page.items);
        setNext(page.next);
      },
      (failure: unknown) => {
        if (isCurrent) setError(failure);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [read]);

  const more = async () => {
    setBusy(true);
    try {
      const page = await read(next);
      setItems([...(items ?? []), ...page.items]);
      setNext(page.next);
      setError(null);
    } catch (failure) {
      // Shown below the entries that are there already.
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return { items, next, error, isBusy, more };
}
