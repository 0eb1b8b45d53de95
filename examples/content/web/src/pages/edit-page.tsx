import { useLoaderData, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ContentInput, contentApi } from "../content/content-api.ts";
import { ContentForm } from "../content/content-form.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function EditPage(): ReactNode {
  const content = useLoaderData({ from: "/content/$id/edit" });
  const navigate = useNavigate();
  const open = () => navigate({ to: "/content/$id", params: { id: content.id } });
  const save = async (input: ContentInput) => {
    await contentApi.change(content.id, input);
    await open();
  };
  return (
    <div className="medium">
      <PageTitle>Edit content</PageTitle>
      <ContentForm content={content} label="Save" onSave={save} onCancel={() => void open()} />
    </div>
  );
}
