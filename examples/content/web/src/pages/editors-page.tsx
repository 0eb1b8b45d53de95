import { ProtectedRoute } from "@holdfast/react";
import type { ReactNode } from "react";
import { contentApi } from "../content/content-api.ts";
import { ContentList } from "../content/content-list.tsx";
import { Loading } from "../ui/loading.tsx";
import { PageTitle } from "../ui/page-title.tsx";

const readQueue = (after: string | null) => contentApi.editorsQueue(after);

/** Drafts that wait for an editor. */
export function EditorsPage(): ReactNode {
  return (
    <ProtectedRoute roles={["editor"]} loading={<Loading />}>
      <PageTitle lead="Drafts of all authors, the latest change first.">Editors’ queue</PageTitle>
      <ContentList read={readQueue} empty={<p>No draft is waiting.</p>} />
    </ProtectedRoute>
  );
}
