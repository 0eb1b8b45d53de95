// What somebody recognises their own session by: a name for the device, read from its User-Agent. The text comes from whoever
// signed in, so it decides nothing, and what is read from it is short and of harmless characters.
import Bowser from "bowser";

export interface Device {
  readonly kind: "desktop" | "mobile" | "tablet" | "other";
  /** Such as "Safari on iPhone"; "Unknown device" when nothing can be told. */
  readonly name: string;
}

const userAgentCharactersMax = 256;
const nameCharactersMax = 64;
const unknown: Device = { kind: "other", name: "Unknown device" };
/** RFC 9110 §10.1.5: a product is a token, maybe with a version. Programs that are no browsers are known by theirs. */
const productPattern = /^([A-Za-z][A-Za-z0-9._-]{1,31})(?:\/|$)/;

const readable = (text: string | undefined): string => (text ?? "").replace(/[^A-Za-z0-9 .+()_-]/g, "").trim();

/** The device behind a User-Agent. Never throws: what cannot be read is unknown. */
export function deviceOf(userAgent: string): Device {
  const text = userAgent.slice(0, userAgentCharactersMax);
  if (text === "") return unknown;
  const { browser, os, platform } = Bowser.parse(text);
  const where = readable(platform.model) || readable(os.name);
  const name = [readable(browser.name), where].filter((part) => part !== "").join(" on ");
  const product = productPattern.exec(text)?.[1] ?? "";
  const kind = kindOf(platform.type);
  if (name !== "") return { kind, name: name.slice(0, nameCharactersMax) };
  return product === "" || product === "Mozilla" ? { ...unknown, kind } : { kind, name: product };
}

function kindOf(type: string | undefined): Device["kind"] {
  return type === "desktop" || type === "mobile" || type === "tablet" ? type : "other";
}
