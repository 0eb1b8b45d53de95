import type { ReactNode } from "react";
import { TextField } from "../ui/field.tsx";

/** Nobody can look up other people's accounts here, so whoever is to be named tells their own id. */
export function PersonField(): ReactNode {
  return (
    <TextField
      label="Their account id"
      hint="They find it on their account page and tell it to you."
      name="person"
      autoComplete="off"
      spellCheck={false}
      pattern="\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\s*"
      title="An account id, such as 01234567-89ab-4cde-8f01-23456789abcd"
      required
    />
  );
}
