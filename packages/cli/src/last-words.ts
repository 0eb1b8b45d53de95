// What a process says when it dies. Node prints the error with its message, its cause and its properties, and a diagnostic report holds
// the whole environment: both would tell secrets to whoever keeps the log.

const EXIT_CODE = 3;

/** Tells the error that nobody caught by `tell`, and ends the process. */
export function guardLastWords(tell: (error: unknown) => void): void {
  process.report.excludeEnv = true;
  const end = (error: unknown): void => {
    tell(error);
    process.exit(EXIT_CODE);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
