import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ContentInput, contentApi } from "../content/content-api.ts";
import { ContentForm } from "../content/content-form.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function NewPage(): ReactNode {
  const navigate = useNavigate();
  const save = async (input: ContentInput) => {
    const content = await contentApi.create(input);
    await navigate({ to: "/content/$id", params: { id: content.id }, replace: true });
  };
  return (
    <div className="medium">
      <PageTitle>New content</PageTitle>
      <ContentForm label="Create" onSave={save} onCancel={() => void navigate({ to: "/" })} />
    </div>
  );
}
