// Finds statements that would end or begin a transaction in a migration, which is a transaction of its own already. Only
// the first words of statements count: not comments, texts, quoted names or function bodies.

/** What is skipped as a whole: comments, quoted texts and names, dollar-quoted bodies, SQL-standard function bodies. */
const skipped =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\bE'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)[\s\S]*?\1|\bBEGIN\s+ATOMIC\b[\s\S]*?\bEND\s*(?=;|$)/gi;
const control =
  /^(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)|ABORT|PREPARE\s+TRANSACTION)\b/i;

/** The first such statement, or undefined. */
export function transactionControl(sql: string): string | undefined {
  const statements = sql.replaceAll(skipped, " ").split(";");
  for (const statement of statements) {
    const found = control.exec(statement.trim());
    if (found !== null) return `the statement ${found[1]?.toUpperCase().replaceAll(/\s+/g, " ")}`;
  }
  return undefined;
}
