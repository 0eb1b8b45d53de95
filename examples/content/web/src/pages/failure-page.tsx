import { plainWords } from "@holdfast/react";
import { Link, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageTitle } from "../ui/page-title.tsx";

/** In place of a page whose data could not be read. */
export function FailurePage({ error }: { readonly error: unknown }): ReactNode {
  const router = useRouter();
  return (
    <div className="narrow">
      <PageTitle>This page could not be shown</PageTitle>
      <p className="failure" role="alert">
        {plainWords(error)}
      </p>
      <div className="actions">
        <button type="button" onClick={() => void router.invalidate()}>
          Try again
        </button>
        <Link className="button" to="/">
          To the library
        </Link>
      </div>
    </div>
  );
}

export function NotFoundPage(): ReactNode {
  return (
    <div className="narrow">
      <PageTitle lead="There is no page at this address.">Not found</PageTitle>
      <Link className="button" to="/">
        To the library
      </Link>
    </div>
  );
}
