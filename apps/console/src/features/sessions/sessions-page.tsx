import { useAuth } from "@holdfast/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { holdfast } from "../platform/platform-client.ts";

export function SessionsPage() {
  const client = useQueryClient();
  const { signOut } = useAuth();
  const query = useQuery({ queryKey: ["sessions"], queryFn: () => holdfast.listSessions() });
  const revoke = useMutation({
    mutationFn: (id: string) => holdfast.revokeSession(id),
    onSettled: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <>
      <h1>Your sessions</h1>
      <Answer query={query} what="your sessions">
        {(sessions) => (
          <>
            <ul className="cards">
              {sessions.map((session) => (
                <li key={session.id} className="card">
                  <h2>{session.current ? "This browser" : (session.user_agent ?? "Unknown device")}</h2>
                  <p className="under">
                    {session.ip ?? "unknown address"} ·{" "}
                    {session.aal === "aal2" ? "with second factor" : "password only"} · since{" "}
                    <Moment at={Date.parse(session.created_at)} />
                  </p>
                  {session.current ? null : (
                    <Button className="plain" onPress={() => revoke.mutate(session.id)} isDisabled={revoke.isPending}>
                      End this session
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {revoke.isError ? (
              <p role="alert" className="problem">
                {revoke.error.message}
              </p>
            ) : null}
            <Button
              className="plain"
              onPress={() => void signOut("others").then(() => client.invalidateQueries({ queryKey: ["sessions"] }))}
            >
              End all others
            </Button>
          </>
        )}
      </Answer>
    </>
  );
}
