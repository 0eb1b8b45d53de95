// What a query answered, or why not. A refusal leads where it can be mended; everything else says what happened.
import { ProblemError, plainWords } from "@holdfast/react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Loading } from "./loading.tsx";

export function Answer<T>({
  query,
  what,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}) {
  if (query.isPending) return <Loading what={what} />;
  if (query.isError && query.data === undefined) return <Refusal error={query.error} what={what} />;
  return (
    <>
      {query.isError ? <Refusal error={query.error} what={`the newest state of ${what}`} /> : null}
      {children(query.data as T)}
    </>
  );
}

export function Refusal({ error, what }: { readonly error: unknown; readonly what: string }) {
  if (error instanceof ProblemError) {
    if (error.status === 401) return <Navigate to="/sign-in" replace />;
    if (error.isSecondFactorRequired) return <Navigate to="/second-factor" replace />;
    if (error.status === 403) return <Navigate to="/unauthorized" replace />;
  }
  return (
    <p role="alert" className="problem">
      Could not load {what}. {plainWords(error)}
    </p>
  );
}
