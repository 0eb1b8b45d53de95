// How long people wait: a start with everything in place, and a whole run of the checks. Seconds on this machine, since there
// is no peer to be a ratio of; the checks' figure is beside the time their twins take.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../scripts/run.ts";
import type { Figure } from "./main.ts";

export const name = "Starting and proving";

const WARM_STARTS = 5;
const READY_SECONDS_MAX = 5;
const PROVE_SECONDS_MAX = 30;
const PASSABLE = 0o711;
const entry = join(root, "packages/cli/src/main.ts");

interface Run {
  readonly output: string;
  readonly seconds: number;
}

/** Runs the command until it ends, or until it says `until`; then it is asked to stop. */
function holdfast(words: readonly string[], until?: string): Promise<Run> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--conditions=holdfast-source", entry, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let seconds = 0;
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    if (until === undefined || seconds > 0 || !output.includes(until)) return;
    seconds = (performance.now() - startedAt) / 1000;
    child.kill("SIGINT");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => {
    child.on("close", () =>
      resolve({ output, seconds: seconds > 0 ? seconds : (performance.now() - startedAt) / 1000 }),
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** The seconds a line of the output names, for example "70 checks made 1712 attempts in 4.3 s". */
function secondsIn(output: string, line: RegExp): number {
  return Number(line.exec(output)?.[1] ?? Number.NaN);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  chmodSync(folder, PASSABLE);
  for (const file of ["security.ts", "deployment.ts"]) {
    writeFileSync(
      join(folder, file),
      `export { default } from ${JSON.stringify(join(root, "examples/content", file))};\n`,
    );
  }
  try {
    const up = ["up", folder, "--no-prove", "--port", String(await freePort())];
    const cold = await holdfast(up, "Ready in");
    report(`first start, with a new PostgreSQL cluster: ${cold.seconds.toFixed(2)} s`);
    const warm: number[] = [];
    for (let start = 0; start < WARM_STARTS; start += 1) {
      warm.push((await holdfast(up, "Ready in")).seconds);
      report(`warm start ${start + 1}: ${warm.at(-1)?.toFixed(2)} s`);
    }
    const { output, seconds } = await holdfast(["prove", "--project", folder]);
    const attacks = secondsIn(output, /checks? made \d+ attempts? in ([\d.]+) s/);
    const twins = secondsIn(output, /sabotages were caught in ([\d.]+) s/);
    report(`holdfast prove: ${seconds.toFixed(1)} s as a whole; attacks ${attacks} s, sabotages ${twins} s`);
    return [
      {
        figure: "warm start to ready, s",
        value: median(warm),
        goal: `< ${READY_SECONDS_MAX}`,
        met: median(warm) < READY_SECONDS_MAX,
      },
      {
        figure: "all checks of holdfast prove, s",
        value: attacks,
        goal: `< ${PROVE_SECONDS_MAX}`,
        met: attacks < PROVE_SECONDS_MAX,
      },
      {
        figure: "holdfast prove as a whole, twins included, s",
        value: seconds,
        goal: `< ${PROVE_SECONDS_MAX}`,
        met: seconds < PROVE_SECONDS_MAX,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
