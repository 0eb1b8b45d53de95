// Where one can go, in groups: beside the page where there is room, behind a button where there is not.
import { Link, useLocation } from "@tanstack/react-router";
import { useId, useState } from "react";
import { Button } from "react-aria-components";

const groups = [
  [
    "Proof",
    [
      ["/", "Summary"],
      ["/controls", "Controls"],
      ["/evidence", "Evidence"],
    ],
  ],
  [
    "What happens",
    [
      ["/events", "Events"],
      ["/alerts", "Alerts"],
      ["/incidents", "Incidents"],
    ],
  ],
  [
    "Database",
    [
      ["/data", "Data"],
      ["/audit", "Audit"],
      ["/backups", "Backups"],
      ["/replicas", "Replicas"],
      ["/performance", "Performance"],
      ["/keys", "Keys"],
    ],
  ],
  [
    "People",
    [
      ["/people", "People"],
      ["/roles", "Roles"],
      ["/access", "Access"],
      ["/factors", "Factors"],
      ["/sessions", "Sessions"],
      ["/sign-ins", "Sign-ins"],
      ["/providers", "Ways in"],
    ],
  ],
  [
    "Here",
    [
      ["/inbox", "Inbox"],
      ["/your-sessions", "Your sessions"],
    ],
  ],
] as const;

const localPath = (pathname: string): string => pathname.replace(/^\/console/, "") || "/";

/** What the menu calls the page of a path, and the pages below it. */
export function placeName(pathname: string): string {
  const local = localPath(pathname);
  const places = groups.flatMap(([, members]) => members.map(([to, name]) => [to as string, name as string] as const));
  return places.findLast(([to]) => local === to || (to !== "/" && local.startsWith(`${to}/`)))?.[1] ?? "Summary";
}

export function Menu() {
  const { pathname } = useLocation();
  // Open on this page only: whoever has chosen another one wants to see it.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === pathname;
  const id = useId();
  return (
    <div className="menu">
      <Button
        className="plain menu-button"
        aria-expanded={isOpen}
        aria-controls={id}
        onPress={() => setOpenAt(isOpen ? null : pathname)}
      >
        Menu
      </Button>
      <nav id={id} aria-label="Console" className={isOpen ? "menu-places menu-open" : "menu-places"}>
        {groups.map(([title, members]) => (
          <Group key={title} title={title} members={members} />
        ))}
      </nav>
    </div>
  );
}

interface GroupProps {
  readonly title: string;
  readonly members: readonly (readonly [to: string, name: string])[];
}

function Group({ title, members }: GroupProps) {
  const id = useId();
  return (
    <>
      <p id={id}>{title}</p>
      <ul aria-labelledby={id}>
        {members.map(([to, name]) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: to === "/" }} activeProps={{ "aria-current": "page" }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
