import type { ControlStatus } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "../../ui/answer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { platform } from "../platform/platform-client.ts";

const filters = ["all", "held", "broken", "unproven"] as const;

export function ControlsPage() {
  const query = useQuery({ queryKey: ["controls"], queryFn: ({ signal }) => platform.controls(signal) });
  const [filter, setFilter] = useState<(typeof filters)[number]>("all");
  const [words, setWords] = useState("");
  const isWanted = (status: ControlStatus, text: string) =>
    (filter === "all" || status === filter) && text.toLowerCase().includes(words.toLowerCase());
  return (
    <>
      <h1>Controls</h1>
      <Answer query={query} what="the controls">
        {({ controls, score }) => {
          const shown = controls.filter((control) =>
            isWanted(control.status, `${control.id} ${control.sentence} ${control.plan.line}`),
          );
          return (
            <>
              <p className="under">{score.sentence}</p>
              <div className="filters">
                <label>
                  Find <input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
                </label>
                <label>
                  Status{" "}
                  <select value={filter} onChange={(event) => setFilter(event.target.value as typeof filter)}>
                    {filters.map((each) => (
                      <option key={each}>{each}</option>
                    ))}
                  </select>
                </label>
                <output>{shown.length} shown</output>
              </div>
              <ul className="cards">
                {shown.map((control) => (
                  <li key={control.id} className="card">
                    <h2>
                      <Link to="/controls/$id" params={{ id: control.id }}>
                        {control.id}
                      </Link>{" "}
                      <StatusMark status={control.status} />
                    </h2>
                    <p>{control.sentence}</p>
                    <p className="under">
                      {control.layers.join(", ")} ·{" "}
                      {control.checks.length === 0
                        ? "no check is built yet"
                        : `${control.checks.length} check${control.checks.length === 1 ? "" : "s"}, proven `}
                      {control.checks.length === 0 ? null : <Moment at={control.provenAt} />}
                    </p>
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Answer>
    </>
  );
}
