import { type ReactNode, useEffect, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { type Content, type ContentInput, contentApi, type Team } from "./content-api.ts";

const TITLE_CHARACTERS_MAX = 200;
const BODY_CHARACTERS_MAX = 20_000;
const CONTACT_CHARACTERS_MAX = 254;

export interface ContentFormProps {
  readonly content?: Content;
  readonly label: string;
  readonly onSave: (input: ContentInput) => Promise<void>;
  readonly onCancel: () => void;
}

export function ContentForm({ content, label, onSave, onCancel }: ContentFormProps): ReactNode {
  const { teams, error: teamsError } = useTeams();
  const submit = useSubmit((values) => onSave(inputFrom(values)));
  return (
    <form className="card" onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error ?? teamsError} />
      <TextField label="Title" name="title" defaultValue={content?.title} maxLength={TITLE_CHARACTERS_MAX} required />
      <TextArea label="Text" name="body" defaultValue={content?.body} maxLength={BODY_CHARACTERS_MAX} rows={12} />
      <TextField
        label="Contact address"
        name="contact"
        type="email"
        defaultValue={content?.contact ?? ""}
        maxLength={CONTACT_CHARACTERS_MAX}
        hint="Editors see it; other readers see its first letter and its host."
      />
      <div className="columns">
        <SelectField
          label="Status"
          name="status"
          defaultValue={content?.status ?? "draft"}
          hint="Everybody reads what is published."
        >
          <option value="draft">Draft</option>
          <option value="published">Published</option>
        </SelectField>
        <SelectField
          key={teams === null ? "waiting" : "known"}
          label="Team"
          name="team_id"
          defaultValue={content?.team_id ?? ""}
          hint="Members of the team read it as well."
        >
          <option value="">No team</option>
          {teamOptions(teams, content).map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="actions">
        <button type="submit" className="filled" disabled={submit.isBusy}>
          {label}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** The teams one sees, and the content's own even when it is not among them, so that saving does not change it unasked. */
function teamOptions(
  teams: readonly Team[] | null,
  content: Content | undefined,
): readonly Pick<Team, "id" | "name">[] {
  const known = teams ?? [];
  const own = content?.team_id ?? null;
  if (own === null || known.some((team) => team.id === own)) return known;
  return [{ id: own, name: "Its present team" }, ...known];
}

function inputFrom(values: FormData): ContentInput {
  const team = textOf(values, "team_id");
  const contact = textOf(values, "contact").trim();
  return {
    title: textOf(values, "title").trim(),
    body: textOf(values, "body"),
    status: textOf(values, "status") === "published" ? "published" : "draft",
    team_id: team === "" ? null : team,
    contact: contact === "" ? null : contact,
  };
}

function useTeams(): { readonly teams: readonly Team[] | null; readonly error: unknown } {
  const [teams, setTeams] = useState<readonly Team[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    contentApi.teams().then(setTeams, setError);
  }, []);
  return { teams, error };
}
