// A value that nobody else may see: from a pipe, or typed on a terminal that does not show it.
import { CliError } from "./cli-error.ts";

const BYTES_MAX = 65_536;
const BREAK = /\r?\n$/;
const [INTERRUPT, END, DELETE, BACKSPACE] = ["\u0003", "\u0004", "\u007f", "\b"];

/** @throws CliError `cli/secret-invalid` */
export async function readSecretInput(prompt: string, stdin: NodeJS.ReadStream = process.stdin): Promise<string> {
  const value = stdin.isTTY === true ? await readHidden(prompt, stdin) : await readPiped(stdin);
  if (value !== "" && value.isWellFormed() && !value.includes("\u0000")) return value;
  throw new CliError(
    "cli/secret-invalid",
    `a text was expected on standard input; ${value === "" ? "there is none" : "it is none"}`,
    "pipe the value, or type it",
  );
}

async function readPiped(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    bytes += (chunk as Buffer).length;
    if (bytes > BYTES_MAX)
      throw new CliError("cli/secret-invalid", `at most ${BYTES_MAX} bytes were expected`, "is it the right file?");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8").replace(BREAK, "");
}

function readHidden(prompt: string, stdin: NodeJS.ReadStream): Promise<string> {
  process.stderr.write(`${prompt} (not shown): `);
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let value = "";
    const finish = (settle: () => void): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      process.stderr.write("\n");
      settle();
    };
    function take(text: string): void {
      for (const letter of text) {
        if (letter === "\r" || letter === "\n" || letter === END) return finish(() => resolve(value));
        if (letter === INTERRUPT)
          return finish(() =>
            reject(new CliError("cli/secret-invalid", "a value was expected; it was broken off", "start again")),
          );
        if (letter === DELETE || letter === BACKSPACE) value = value.slice(0, -1);
        else if (value.length < BYTES_MAX) value += letter;
      }
    }
    stdin.on("data", take);
  });
}
