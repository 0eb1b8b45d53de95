// Judges what came back over a raw connection: one refusal for its reason, the connection closed, and the event of it found.
import type { RawAnswer } from "./raw-connection.ts";
import type { ProbeSession, Refusal } from "./session.ts";

/** Demands this refusal, or a connection that was closed without an answer, and in both cases its event. */
export function judgeRawRefusal(session: ProbeSession, request: string, answer: RawAnswer, refusal: Refusal): void {
  const statuses = [refusal.status].flat();
  const codes = [refusal.code ?? []].flat();
  const [status] = answer.statuses;
  const isReason =
    status === undefined || codes.length === 0 || codes.some((code) => answer.text.includes(`:${code}"`));
  const told = status === undefined ? "no answer" : answer.statuses.join(", then ");
  session.judge({
    request,
    expected: `one answer, ${statuses.join(" or ")} ${codes.join(" or ")}, and the connection closed`,
    got: `${told}${isReason ? "" : ", for another reason"}${answer.closed ? ", closed" : ", left open"}`,
    held:
      answer.statuses.length <= 1 && (status === undefined || statuses.includes(status)) && isReason && answer.closed,
    ...(refusal.event === undefined ? {} : { event: { ...answer.trace, name: refusal.event } }),
  });
}
