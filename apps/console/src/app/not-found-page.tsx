import { Link } from "@tanstack/react-router";

export function NotFoundPage() {
  return (
    <main className="lone">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Back to the summary</Link>
      </p>
    </main>
  );
}
