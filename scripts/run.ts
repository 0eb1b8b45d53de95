// Runs a tool of the repository as a child process, showing what it prints. Never through a shell.
import { spawn } from "node:child_process";
import { delimiter, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");
const localPath = [join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);

export interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** Resolves with the exit code and everything printed; `show` also copies it to our own output as it comes. */
export function run(
  command: string,
  args: readonly string[],
  options: { show?: boolean; env?: Record<string, string> } = {},
): Promise<Run> {
  return new Promise((resolveRun, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH: localPath, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        output += text;
        if (options.show === true) process.stdout.write(text);
      });
    }
    child.on("error", (cause) => reject(new Error(`${command} could not be started`, { cause })));
    child.on("close", (code) => resolveRun({ exitCode: code ?? 1, output }));
  });
}
