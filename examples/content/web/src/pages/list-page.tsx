import { Show } from "@holdfast/react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useCallback, useState } from "react";
import { contentApi, type Scope } from "../content/content-api.ts";
import { ContentList } from "../content/content-list.tsx";
import { PageTitle } from "../ui/page-title.tsx";

const scopes: readonly { readonly scope: Scope; readonly label: string }[] = [
  { scope: "all", label: "All you may read" },
  { scope: "own", label: "Your own" },
  { scope: "team", label: "Your teams" },
  { scope: "published", label: "Published" },
];

export function ListPage(): ReactNode {
  return (
    <Show when="signed-in" fallback={<Welcome />}>
      <Library />
    </Show>
  );
}

function Library(): ReactNode {
  const [scope, setScope] = useState<Scope>("all");
  const read = useCallback((after: string | null) => contentApi.list(scope, after), [scope]);
  return (
    <>
      <div className="title-row">
        <PageTitle>Library</PageTitle>
        <Show when={{ kind: "route", service: "api", route: "POST /api/content" }}>
          <Link className="button filled" to="/content/new">
            New content
          </Link>
        </Show>
      </div>
      <fieldset className="choice">
        <legend>Show</legend>
        {scopes.map((choice) => (
          <label key={choice.scope}>
            <input
              type="radio"
              name="scope"
              value={choice.scope}
              checked={scope === choice.scope}
              onChange={() => setScope(choice.scope)}
            />
            {choice.label}
          </label>
        ))}
      </fieldset>
      <ContentList key={scope} read={read} empty={<p>Nothing here yet.</p>} />
    </>
  );
}

function Welcome(): ReactNode {
  return (
    <div className="welcome">
      <PageTitle lead="Write drafts, share them with a team, publish when they are ready. Only those you allow can read them.">
        Content
      </PageTitle>
      <div className="actions">
        <Link className="button filled" to="/sign-up">
          Sign up
        </Link>
        <Link className="button" to="/sign-in">
          Sign in
        </Link>
      </div>
    </div>
  );
}
