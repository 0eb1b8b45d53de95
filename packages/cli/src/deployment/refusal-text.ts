// What a deployment answered when it refused, as a sentence: a problem of the gateway or the platform (RFC 9457), or one of
// identity's error bodies. What is neither is told by its status alone: its text is of no use to a person.

const TEXT_LENGTH_MAX = 300;

export function refusalText(status: number, body: string): string {
  const said = objectOf(body);
  const title = textOf(said["title"]) ?? textOf(said["msg"]) ?? textOf(said["message"]);
  const detail = textOf(said["detail"]);
  const code = textOf(said["error_code"]) ?? textOf(said["code"]) ?? textOf(said["type"]);
  const words = [title, detail === title ? undefined : detail].filter((word) => word !== undefined).join(": ");
  const sentence =
    words === "" ? `it answered ${status} and did not say why` : `${words.replace(/\.$/, "")} (${status})`;
  return code === undefined ? sentence : `${sentence} [${code.replace(/^urn:holdfast:problem:/, "")}]`;
}

/** The hint of a problem, where it has one. */
export function refusalHint(body: string): string | undefined {
  return textOf(objectOf(body)["hint"]);
}

function objectOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // No JSON: a proxy's page, for example. The status is what there is to tell.
    return {};
  }
}

/** One line of printable characters: what a deployment says ends up in somebody's terminal. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const line = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line === "" ? undefined : line.slice(0, TEXT_LENGTH_MAX);
}
