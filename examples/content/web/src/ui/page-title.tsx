import type { ReactNode } from "react";

/** A page's heading and the window's title in one. Takes the focus when the page is opened. */
export function PageTitle({ children, lead }: { readonly children: string; readonly lead?: ReactNode }): ReactNode {
  return (
    <div className="page-title">
      <title>{`${children} · Content`}</title>
      <h1 tabIndex={-1}>{children}</h1>
      {lead === undefined ? null : <p className="lead">{lead}</p>}
    </div>
  );
}
