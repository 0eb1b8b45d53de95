// Gives a role, or asks another administrator for it: which of the two is the policy's to say.
import type { Person } from "@holdfast/server/api";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Entry, Failure, SubmitButton, SubmitForm } from "../../ui/form-parts.tsx";
import { useNow } from "../../ui/use-now.ts";
import { people } from "../platform/people-client.ts";

const MS_PER_DAY = 86_400_000;
const REASON_MIN = 3;
const REASON_MAX = 200;
const DAYS_MAX = 3650;

export function GiveRole({ person, onGiven }: { readonly person: Person; readonly onGiven: () => void }) {
  const now = useNow();
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => people.roles(signal) });
  const open = roles.data?.roles.filter(({ name }) => !person.roles.some(({ role }) => role === name)) ?? [];
  const [chosen, setChosen] = useState("");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState("");
  const role = open.find(({ name }) => name === chosen) ?? open[0];
  const mutation = useMutation({
    mutationFn: () =>
      people.giveRole(person.id, {
        role: role?.name ?? "",
        reason: reason.trim(),
        ...(days === "" ? {} : { until: now + Number(days) * MS_PER_DAY }),
      }),
    onSuccess: () => {
      setReason("");
      onGiven();
    },
  });
  if (role === undefined) return null;
  return (
    <SubmitForm className="column" onSubmit={() => mutation.mutate()}>
      <h3>Give a role</h3>
      <div className="field">
        <label htmlFor="role">Role</label>
        <select id="role" value={role.name} onChange={(event) => setChosen(event.target.value)}>
          {open.map(({ name, approval }) => (
            <option key={name} value={name}>
              {approval ? `${name} (another administrator approves)` : name}
            </option>
          ))}
        </select>
      </div>
      <Entry
        label="Why"
        hint="It is recorded with your name."
        value={reason}
        onChange={setReason}
        isRequired
        minLength={REASON_MIN}
        maxLength={REASON_MAX}
      />
      <Entry
        label="For so many days"
        hint="Empty: until somebody takes it away."
        value={days}
        onChange={setDays}
        inputMode="numeric"
        validate={refuseDays}
      />
      <Failure error={mutation.error} />
      <div aria-live="polite">
        {mutation.data?.kind === "requested" ? <p>Asked for. Another administrator finds it under Roles.</p> : null}
        {mutation.data?.kind === "granted" ? <p>Given. It counts from the person’s next request.</p> : null}
      </div>
      <SubmitButton isBusy={mutation.isPending}>{role.approval ? "Ask for the role" : "Give the role"}</SubmitButton>
    </SubmitForm>
  );
}

/** A role ends in the future or not at all, and within ten years (identity’s own limit). */
function refuseDays(days: string): string | null {
  const isFine = days === "" || (/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= DAYS_MAX);
  return isFine ? null : `A whole number of days from 1 to ${DAYS_MAX}, or nothing.`;
}
