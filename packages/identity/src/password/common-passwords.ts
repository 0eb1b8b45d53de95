// The offline list of common passwords: what an attacker tries first. Read once, kept as a set.
import { readFileSync } from "node:fs";

const listFile = new URL("../../data/common-passwords.txt", import.meta.url);

/** Every password of the list, in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(readFileSync(listFile, "utf8").trim().split("\n"));
