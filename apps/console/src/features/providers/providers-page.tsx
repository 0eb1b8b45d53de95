import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { people } from "../platform/people-client.ts";

export function ProvidersPage() {
  const query = useQuery({ queryKey: ["providers"], queryFn: ({ signal }) => people.providers(signal) });
  return (
    <>
      <h1>Ways to sign in</h1>
      <p className="under">The policy says what is on. It is changed there, compared, and applied.</p>
      <Answer query={query} what="the ways to sign in">
        {({ providers }) => (
          <ScrollArea label="Ways to sign in">
            <table>
              <thead>
                <tr>
                  <th scope="col">Way</th>
                  <th scope="col">State</th>
                  <th scope="col">What it is</th>
                  <th scope="col">Line of the policy</th>
                </tr>
              </thead>
              <tbody>
                {providers.map(({ name, isOn, detail, path }) => (
                  <tr key={path}>
                    <th scope="row">{name}</th>
                    <td>{isOn ? "● on" : "○ off"}</td>
                    <td>{detail}</td>
                    <td>
                      <code>{path}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollArea>
        )}
      </Answer>
    </>
  );
}
