// Pages of a list, as auth-js asks for them and reads them.
import { IdentityError } from "../error/identity-error.ts";

const perPageUsual = 50;
const perPageMax = 1000;
const pageMax = 1_000_000;

export interface PageQuery {
  readonly page?: unknown;
  readonly per_page?: unknown;
}

export interface Page {
  /** Counts from 1. */
  readonly page: number;
  readonly perPage: number;
}

/** A whole number from the query; what is absent or empty is the usual one. @throws IdentityError validation_failed */
function readCount(name: string, text: unknown, usual: number, max: number): number {
  if (text === undefined || text === "") return usual;
  const count = typeof text === "string" && /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new IdentityError("validation_failed", { message: `Bad pagination parameter ${name}` });
  return Math.min(count, max);
}

/** @throws IdentityError validation_failed */
export const readPage = (query: PageQuery): Page => ({
  page: readCount("page", query.page, 1, pageMax),
  perPage: readCount("per_page", query.per_page, perPageUsual, perPageMax),
});

/** Header fields of a page: RFC 8288, in the order and spelling that auth-js reads. */
export function pageHeaders(path: string, { page, perPage }: Page, total: number): Readonly<Record<string, string>> {
  const last = Math.max(1, Math.ceil(total / perPage));
  const to = (number: number, relation: string) => `<${path}?page=${number}>; rel="${relation}"`;
  const link = [...(page < last ? [to(page + 1, "next")] : []), to(last, "last")].join(", ");
  return { "x-total-count": String(total), link };
}
