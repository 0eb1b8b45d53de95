// What every JSON body must be before a route looks at it: an object, not too deep, and text that PostgreSQL can hold.
import { IdentityError } from "../error/identity-error.ts";

/** The largest body that is read. */
export const bodyBytesMax = 65_536;
const depthMax = 16;

const refuse = (message: string) => new IdentityError("validation_failed", { message });

/** @throws IdentityError validation_failed */
export function checkBody(body: unknown): void {
  if (body === undefined || body === null) return;
  if (typeof body !== "object" || Array.isArray(body)) throw refuse("The request body must be a JSON object");
  checkValue(body, 0);
}

function checkValue(value: unknown, depth: number): void {
  if (typeof value === "string") checkText(value);
  if (typeof value !== "object" || value === null) return;
  if (depth >= depthMax) throw refuse("The request body is nested too deeply");
  for (const [key, item] of Object.entries(value)) {
    checkText(key);
    checkValue(item, depth + 1);
  }
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
function checkText(text: string): void {
  if (text.includes("\0") || !text.isWellFormed()) throw refuse("Text must be well-formed Unicode without NUL");
}
