// Messages that a deployment without mail kept instead of sending them. Shown as text: what is in them is not ours to run.
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { people } from "../platform/people-client.ts";

export function InboxPage() {
  const query = useQuery({
    queryKey: ["inbox"],
    queryFn: ({ signal }) => people.inbox(signal),
    refetchInterval: 5_000,
  });
  return (
    <>
      <h1>Inbox</h1>
      <Answer query={query} what="the inbox">
        {({ delivers, messages }) =>
          delivers === "smtp" ? (
            <p>This deployment sends its mail; nothing is kept here.</p>
          ) : messages.length === 0 ? (
            <p>No message yet. A deployment without a mail server keeps its messages here.</p>
          ) : (
            <ul className="cards">
              {messages.map((message) => (
                <li key={message.id} className="card">
                  <h2>{message.subject}</h2>
                  <p className="under">
                    to {message.to.address} · <Moment at={message.at} /> · {message.kind}
                  </p>
                  <pre className="message">{message.text}</pre>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </>
  );
}
