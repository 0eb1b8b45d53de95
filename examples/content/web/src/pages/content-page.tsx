import { useAuth, usePermission } from "@holdfast/react";
import { Link, useLoaderData, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ContentWithTeams, contentApi } from "../content/content-api.ts";
import { StatusBadge } from "../content/content-list.tsx";
import { Notes } from "../content/notes.tsx";
import { Shares } from "../people/shares.tsx";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { Moment } from "../ui/moment.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function ContentPage(): ReactNode {
  const { content, teams } = useLoaderData({ from: "/content/$id" });
  return (
    <article className="medium">
      <PageTitle>{content.title}</PageTitle>
      <p className="facts">
        <StatusBadge status={content.status} />
        <span>
          Changed <Moment at={content.updated_at} />
        </span>
      </p>
      <div className="prose">{content.body}</div>
      {content.contact === null ? null : <p className="facts">Contact: {content.contact}</p>}
      <Actions content={content} teams={teams} />
      <Shares content={content} />
      <Notes content={content} />
    </article>
  );
}

/** The policy of the table decides here as it does in the database, with this very row and the subject's memberships. */
function Actions({ content, teams }: ContentWithTeams): ReactNode {
  const { user } = useAuth();
  const navigate = useNavigate();
  const row = { ...content };
  const memberships = teams.flatMap(({ id, membership }) =>
    membership === null || user === null ? [] : [{ team_id: id, user_id: user.id, ...membership }],
  );
  const tables = { memberships };
  const mayUpdate = usePermission(
    { kind: "table", table: "content", operation: "update" },
    { row, newRow: row, tables },
  );
  const mayDelete = usePermission({ kind: "table", table: "content", operation: "delete" }, { row, tables });
  const remove = async () => {
    await contentApi.remove(content.id);
    await navigate({ to: "/", replace: true });
  };
  return (
    <div className="actions">
      {mayUpdate ? (
        <Link className="button filled" to="/content/$id/edit" params={{ id: content.id }}>
          Edit
        </Link>
      ) : null}
      {mayDelete ? (
        <ConfirmButton
          label="Delete"
          question="Delete this content?"
          consequence={`“${content.title}” will be gone for everybody. This cannot be undone.`}
          confirm="Delete it"
          onConfirm={remove}
        />
      ) : null}
      <Link className="button" to="/">
        Back
      </Link>
    </div>
  );
}
