import { useAuth } from "@holdfast/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { Device } from "../../ui/device.tsx";
import { Failure } from "../../ui/form-parts.tsx";
import { Moment } from "../../ui/moment.tsx";
import { holdfast } from "../platform/platform-client.ts";

export function YourSessionsPage() {
  const client = useQueryClient();
  const { signOut } = useAuth();
  const reload = () => client.invalidateQueries({ queryKey: ["your-sessions"] });
  const query = useQuery({ queryKey: ["your-sessions"], queryFn: () => holdfast.listSessions() });
  const end = useMutation({
    mutationFn: (id: string | null) => (id === null ? signOut("others") : holdfast.revokeSession(id)),
    onSettled: reload,
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
                  <h2>
                    {session.device} {session.current ? <span className="state">this browser</span> : null}
                  </h2>
                  <p className="under">
                    {session.ip ?? "unknown address"} ·{" "}
                    {session.aal === "aal2" ? "with a second factor" : "password only"} · since{" "}
                    <Moment at={Date.parse(session.created_at)} />
                  </p>
                  <Device name="What the device calls itself" userAgent={session.user_agent ?? ""} />
                  {session.current ? null : (
                    <Button
                      className="plain"
                      aria-label={`End the session of ${session.device}`}
                      onPress={() => end.mutate(session.id)}
                      isDisabled={end.isPending}
                    >
                      End this session
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            <Failure error={end.error} />
            {sessions.length > 1 ? (
              <Button className="plain" onPress={() => end.mutate(null)} isDisabled={end.isPending}>
                End all others
              </Button>
            ) : null}
          </>
        )}
      </Answer>
    </>
  );
}
